"""An invented usage report of a large organization, as GitHub writes it: 21 columns, a byte order mark, quotes."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import duckdb

FIRST_DAY = date(2026, 8, 1)


def write_export(path: Path, rows: int, users: int = 3_000, days: int = 31) -> None:
    """Writes an ai_credit report of `rows` rows of `users` users over `days` days; the same rows every time."""
    body = path.with_suffix(".body")
    with duckdb.connect() as connection:
        connection.execute("set preserve_insertion_order = true")
        connection.execute(
            f"""
            copy (
                select
                    date '{FIRST_DAY}' + cast(n * {days} // {rows} as integer) as "date",
                    'user-' || (n * 7919 % {users}) as username,
                    'copilot' as product,
                    case n % 5 when 0 then 'coding_agent_ai_credit' else 'copilot_ai_credit' end as sku,
                    ['Claude Opus 4.6', 'Auto: GPT-5.4', 'Claude Sonnet 4.6', 'Code Review model'][1 + n % 4] as model,
                    n % 9973 / 100.0 + 0.000000000000004 as quantity,
                    'ai-credits' as unit_type,
                    0.01 as applied_cost_per_quantity,
                    n % 9973 / 10000.0 + 0.00000000000000004 as gross_amount,
                    n % 9973 / 20000.0 as discount_amount,
                    n % 9973 / 20000.0 as net_amount,
                    3900 as total_monthly_quota,
                    'keel-' || (n % 11) as organization,
                    'keel-' || (n % 11) || '/repository-' || (n % 173) as repository,
                    'cost-center-' || (n % 23) as cost_center_name,
                    0 as aic_quantity,
                    0 as aic_gross_amount,
                    n % 9973 * 60 as "input",
                    n % 9973 * 20 as "output",
                    n % 9973 * 700 as cache_read,
                    n % 9973 * 9 as cache_write
                from range({rows}) as t(n)
            ) to '{body}' (header, force_quote *)
            """
        )
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf")
        with body.open("rb") as lines:
            while chunk := lines.read(1 << 20):
                file.write(chunk)
    body.unlink()
