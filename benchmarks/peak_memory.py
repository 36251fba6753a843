"""The most memory that a process ever had."""

from __future__ import annotations

from pathlib import Path


def peak_gigabytes() -> float:
    """Of this process alone, not of what it was forked from, as ru_maxrss says."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1e6
