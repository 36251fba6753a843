"""A throwaway PostgreSQL from the installed binaries: trust, no fsync, gone when the test session ends."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

USER = "agent_spend"
ATTEMPTS = 3


class PostgresMissing(Exception):
    """No server can be started here; the text says why."""


@contextmanager
def postgres_server() -> Iterator[dict[str, str]]:
    """The PG* variables of a running server with an empty cluster; raises PostgresMissing without binaries."""
    initdb, pg_ctl = _program("initdb"), _program("pg_ctl")
    # Not below pytest's folder: another user cannot enter that, and a socket's path has to be short.
    folder = Path(tempfile.mkdtemp(prefix="agent_spend_pg_"))
    try:
        as_user = _unprivileged(folder)
        data, log = folder / "data", folder / "server.log"
        locale = ("--encoding=UTF8", "--locale=C")
        _run([initdb, "-D", data, "-U", USER, "-A", "trust", "--no-sync", *locale], as_user)
        port = _start(pg_ctl, data, log, as_user)
        try:
            yield {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": USER, "PGPASSWORD": ""}
        finally:
            _run([pg_ctl, "-D", data, "-m", "immediate", "-w", "stop"], as_user)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str) -> str:
    """A server program: on the PATH, else where Debian puts the newest version."""
    installed = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    found = shutil.which(name) or (str(installed[-1]) if installed else None)
    if found is None:
        raise PostgresMissing(
            f"no PostgreSQL server is installed: {name} is neither on the PATH nor in /usr/lib/postgresql"
        )
    return found


def _unprivileged(folder: Path) -> dict[str, Any]:
    """For root: whom to run the server as, which refuses to run as root; the folder becomes that user's."""
    if os.getuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = known.get("postgres") or known.get("nobody")
    if user is None:
        raise PostgresMissing(
            "PostgreSQL does not run as root, and there is no user 'postgres' or 'nobody' to run it as"
        )
    os.chown(folder, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _start(pg_ctl: str, data: Path, log: Path, as_user: dict[str, Any]) -> int:
    """Starts the server and returns its port; another program may take a free port first, so several are tried."""
    for attempt in range(ATTEMPTS):
        port = _free_port()
        settings = f"-p {port} -k {data.parent} -c listen_addresses=127.0.0.1 -c fsync=off -c full_page_writes=off"
        try:
            _run([pg_ctl, "-D", data, "-l", log, "-w", "-o", settings, "start"], as_user)
        except subprocess.CalledProcessError:
            if attempt == ATTEMPTS - 1:
                raise
        else:
            return port
    raise AssertionError("unreachable")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _run(command: list[str | Path], as_user: dict[str, Any]) -> None:
    # The server inherits its starter's outputs: a pipe would never end.
    subprocess.run(command, check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **as_user)
