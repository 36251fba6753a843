"""Draws the demo's summary as docs/demo.svg for the README: `python -m demo.picture`, after `make demo`."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

from rich.console import Console

from demo.summary import print_summary
from demo.warehouse import WAREHOUSE

WIDTH = 120


def main() -> None:
    """Writes the picture; fonts of other hosts are left out, so that it loads nothing."""
    os.environ["AGENT_SPEND_WAREHOUSE"] = str(WAREHOUSE)
    console = Console(record=True, width=WIDTH, file=io.StringIO())
    print_summary("duckdb", console)
    svg = re.sub(r"@font-face \{.*?\}\s*", "", console.export_svg(title="agent-spend demo"), flags=re.DOTALL)
    Path("docs/demo.svg").write_text(svg)


if __name__ == "__main__":
    main()
