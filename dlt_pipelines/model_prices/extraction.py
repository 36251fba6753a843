"""Public list prices from the installed genai-prices library: no network, its version recorded with every row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from importlib.metadata import version
from typing import Any
from uuid import uuid4

from genai_prices.data import providers
from genai_prices.types import ClauseOr, ModelInfo, ModelPrice, StartDateConstraint, TieredPrices

from dlt_pipelines.model_prices.tables import DATASET, MODEL_MATCHES, MODEL_PRICE_VARIANTS, MODEL_PRICES
from dlt_pipelines.outcome import Outcome
from dlt_pipelines.pipelines import Warehouse
from dlt_pipelines.windows import current_time

SOURCE = "model_prices"
ACCOUNT = "library/genai-prices"

TOKEN_TYPES = {
    "input_mtok": "input_uncached",
    "cache_read_mtok": "cache_read",
    "cache_write_mtok": "cache_write",
    "cache_write_1h_mtok": "cache_write_1h",
    "output_mtok": "output",
}
# Only Anthropic sells two classes of cache writes; there the library's plain one is the 5-minute class.
FIVE_MINUTE_WRITES = ("anthropic",)
RULES = ("equals", "starts_with", "ends_with", "contains", "regex")

Row = dict[str, Any]


def extract(warehouse: Warehouse, outcome: Outcome, as_of: date) -> None:
    """Loads the library's prices, unless the same version's are in force already."""
    prices, variants, matches = list(_prices()), list(_variants()), list(_matches())
    library_version = version("genai-prices")
    digest = hashlib.sha256(json.dumps([library_version, prices, variants, matches], default=str).encode()).hexdigest()
    known = warehouse.history(DATASET).get((ACCOUNT, "genai-prices"), {})
    in_force = next((known[day].sha256 for day in sorted(known, reverse=True) if known[day].sha256), None)
    status = "unchanged" if in_force == digest else "loaded"
    key = uuid4().hex
    if status == "loaded":
        lineage = {"report_load_key": key, "snapshot_date": as_of, "library_version": library_version}
        tables = ((MODEL_PRICES, prices), (MODEL_PRICE_VARIANTS, variants), (MODEL_MATCHES, matches))
        warehouse.load(
            DATASET, [(table.name, table.to_arrow([{**row, **lineage} for row in rows])) for table, rows in tables]
        )
        outcome.rows += len(prices) + len(variants) + len(matches)
    manifest = {
        "report_load_key": key,
        "source": SOURCE,
        "account_id": ACCOUNT,
        "scope": "library",
        "report": "genai-prices",
        "report_date": max(as_of, max(known, default=as_of)),
        "status": status,
        "rows": len(prices) if status == "loaded" else None,
        "sha256": digest,
        "detail": f"genai-prices {library_version}",
        "downloaded_at": current_time(),
    }
    warehouse.commit(DATASET, [manifest])
    outcome.reports[status] += 1
    if status == "loaded" and known:
        warehouse.prune_superseded(DATASET)


def _models() -> Iterator[tuple[str, ModelInfo]]:
    return ((provider.id, model) for provider in providers for model in provider.models)


def _prices() -> Iterator[Row]:
    for provider, model in _models():
        about = {"provider": provider, "model_id": model.id, "model_name": model.name}
        dated: dict[date | None, ModelPrice] = {}
        if isinstance(model.prices, ModelPrice):
            dated[None] = model.prices
        else:
            for conditional in model.prices:
                dated |= dict(_start(conditional.constraint, conditional.prices))
        yield from _dated_prices(about, dated)


def _variants() -> Iterator[Row]:
    """Prices of other tiers. The library starts most of them on the day on which it learned of them."""
    for provider, model in _models():
        tiers: dict[str, dict[date | None, ModelPrice]] = {}
        for variant in model.price_variants or ():
            tier = next(iter(variant.when.values()))
            if len(variant.when) == 1 and tier != "default":
                for start, price in _start(variant.constraint, variant.prices):
                    # The library takes the first that fits.
                    tiers.setdefault(tier, {}).setdefault(start, price)
        for tier, dated in tiers.items():
            about = {"provider": provider, "model_id": model.id, "tier": tier}
            yield from _dated_prices(about, dated)


def _start(constraint: Any, price: ModelPrice) -> list[tuple[date | None, ModelPrice]]:
    """The first day of a price; nothing for a price of some hours of the day only."""
    if constraint is None:
        return [(None, price)]
    return [(constraint.start_date, price)] if isinstance(constraint, StartDateConstraint) else []


def _dated_prices(about: Row, dated: dict[date | None, ModelPrice]) -> Iterator[Row]:
    """Prices in the order of time, each ending on the day before the next one."""
    ordered = sorted(dated.items(), key=lambda item: item[0] or date.min)
    for number, (start, price) in enumerate(ordered):
        following = ordered[number + 1][0] if number + 1 < len(ordered) else None
        yield from _token_prices(about, price, start, following - timedelta(days=1) if following else None)


def _token_prices(about: Row, price: ModelPrice, start: date | None, end: date | None) -> Iterator[Row]:
    has_classes = about["provider"] in FIVE_MINUTE_WRITES
    for name, plain_type in TOKEN_TYPES.items():
        token_type = "cache_write_5m" if has_classes and plain_type == "cache_write" else plain_type
        for prompt_tokens_from, usd in _steps(getattr(price, name, None)):
            yield {
                **about,
                "token_type": token_type,
                "valid_from": start,
                "valid_to": end,
                "prompt_tokens_from": prompt_tokens_from,
                "usd_per_million": usd,
            }


def _steps(price: Decimal | TieredPrices | None) -> list[tuple[int, Decimal]]:
    if price is None:
        return []
    if isinstance(price, TieredPrices):
        steps = [(0, price.base), *((tier.start, tier.price) for tier in price.tiers)]
    else:
        steps = [(0, price)]
    # Some prices are quotients with twenty digits; the ledger keeps nine decimals of the price of a million.
    return [(start, usd.quantize(Decimal("1e-9"))) for start, usd in steps]


def _matches() -> Iterator[Row]:
    for provider, model in _models():
        for ordinal, (rule, pattern) in enumerate(_rules(model.match), 1):
            yield {"provider": provider, "model_id": model.id, "rule": rule, "pattern": pattern, "ordinal": ordinal}


def _rules(clause: Any) -> Iterator[tuple[str, str]]:
    """The single rules any of which is enough; a clause that needs several at once has none."""
    if isinstance(clause, ClauseOr):
        for part in clause.or_:
            yield from _rules(part)
        return
    for rule in RULES:
        if pattern := getattr(clause, rule, None):
            yield rule, pattern
