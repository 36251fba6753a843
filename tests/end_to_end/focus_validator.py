"""The official focus-validator in its own environment: it wants Python 3.12 and an older numpy than the project."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock

from tests.end_to_end.workbench import PROJECT

LOCK = PROJECT / "requirements-focus.lock"
ENVIRONMENT = PROJECT / ".venv-focus"
VERSION = "1.2"

# What holds of the vendors' data and of our export of it. Left out, for their columns would be empty: availability
# zones, regions, capacity reservations, commitment discounts, provisioned resources and their types, tags, types of
# billing accounts; and prices in a virtual or foreign currency: credits are in x_ columns, prices in the billing one.
CRITERIA = (
    "ACCOUNT_NAMING_SUPPORTED",
    "MULTIPLE_PRICING_CATEGORIES_SUPPORTED",
    "MULTIPLE_SUB_ACCOUNT_TYPES_SUPPORTED",
    "NEGOTIATED_PRICING_SUPPORTED",
    "PUBLIC_PRICE_LIST_SUPPORTED",
    "SUB_ACCOUNT_SUPPORTED",
    "UNIT_PRICING_SUPPORTED",
    "USAGE_MEASUREMENT_SUPPORTED",
)

TOTAL = re.compile(r"Total: (\d+) \| Pass: (\d+) \| Fail: (\d+) \| Skipped: (\d+)")
RULE = re.compile(r"^(✅|❌) ([\w-]+): (PASS|FAIL)", re.MULTILINE)


@dataclass(frozen=True)
class Verdict:
    """What the validator says: its counts, and its rules by name."""

    passed: int
    failed: int
    passes: frozenset[str]
    failures: frozenset[str]
    output: str


@dataclass(frozen=True)
class Validator:
    """An installed validator."""

    environment: Path

    def validate(self, parquet: Path) -> Verdict:
        """Runs it over one file. Its exit code says nothing; its output does."""
        (packages,) = self.environment.glob("lib/python3.*/site-packages")
        done = subprocess.run(
            [
                str(self.environment / "bin" / "focus-validator"),
                *("--data-file", str(parquet)),
                *("--validate-version", VERSION),
                "--block-download",
                *("--applicability-criteria", ",".join(CRITERIA)),
            ],
            # It looks for its own files where it is run.
            cwd=packages,
            capture_output=True,
            text=True,
            check=False,
        )
        counts = TOTAL.search(done.stdout)
        assert counts, f"the validator does not tell its counts:\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        rules = {name: verdict for _, name, verdict in RULE.findall(done.stdout)}
        return Verdict(
            int(counts[2]),
            int(counts[3]),
            frozenset(name for name, verdict in rules.items() if verdict == "PASS"),
            frozenset(name for name, verdict in rules.items() if verdict == "FAIL"),
            done.stdout,
        )


def installed() -> Validator:
    """The validator, installed from its lock unless that was done before; skips where there is no Python 3.12."""
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    with FileLock(PROJECT / ".venv-focus.lock"):
        made = ENVIRONMENT / ".installed"
        if not made.exists() or made.read_text() != digest:
            python = next(_pythons(), None)
            if python is None:
                pytest.skip("the FOCUS validator needs Python 3.12, and there is none (python3.12)")
            shutil.rmtree(ENVIRONMENT, ignore_errors=True)
            _run([python, "-m", "venv", str(ENVIRONMENT)])
            pip = [str(ENVIRONMENT / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
            _run([*pip, "install", "--require-hashes", "--no-deps", "-r", str(LOCK)])
            made.write_text(digest)
    return Validator(ENVIRONMENT)


def _pythons() -> Iterator[str]:
    """Commands that are Python 3.12: on the path, and pyenv's, whose python3.12 works only where it is switched on."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for command in (os.environ.get("PYTHON312"), shutil.which("python3.12"), *pyenv.glob("3.12.*/bin/python3.12")):
        if command is None:
            continue
        answer = [str(command), "-c", "import sys; print(sys.version_info[:2] == (3, 12))"]
        if subprocess.run(answer, capture_output=True, text=True, check=False).stdout.strip() == "True":
            yield str(command)


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
