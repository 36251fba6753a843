"""Scripts in a process of their own that ends itself as `kill -9` does, at a step that a test names."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]


def kill_at(owner: Any, step: str, number: int = 1, *, afterwards: bool) -> None:
    """Inside such a script: the process ends at the n-th call of owner.step, before its work or after it."""
    work = getattr(owner, step)
    calls = 0

    def run(*arguments: Any, **named: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == number and not afterwards:
            os.kill(os.getpid(), signal.SIGKILL)
        result = work(*arguments, **named)
        if calls == number:
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    setattr(owner, step, run)


def run_script(script: str) -> subprocess.CompletedProcess[bytes]:
    """Runs Python code in the project's folder, with the environment of the test."""
    return subprocess.run([sys.executable, "-c", script], cwd=PROJECT, env=os.environ, capture_output=True, check=False)


def run_until_killed(script: str, step: str = "load", number: int = 1, *, afterwards: bool) -> None:
    """Runs Python code until its n-th call of a step of the warehouse; a script that lives on fails the test."""
    armed = f"""
from dlt_pipelines.pipelines import Warehouse
from tests.dlt_pipelines.killing import kill_at
kill_at(Warehouse, {step!r}, {number}, afterwards={afterwards})
"""
    done = run_script(armed + script)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
