"""The flat raw tables of public model prices, as the genai-prices library publishes them."""

from __future__ import annotations

from dlt_pipelines.manifest import REPORT_LOADS
from dlt_pipelines.schema import Dataset, Table, count, day, number, text

SNAPSHOT = (
    text("report_load_key", "The reading of the library that the row came from.", required=True),
    day("snapshot_date", "UTC day of the reading.", required=True),
    text("library_version", "Version of genai-prices.", required=True),
    text("provider", "Provider as genai-prices names it, such as anthropic or openai.", required=True),
    text("model_id", "The library's id of the model.", required=True),
)
PRICE = (
    text(
        "token_type",
        "input_uncached, cache_read, cache_write_5m, cache_write_1h, cache_write (class not told) or output.",
        required=True,
    ),
    day("valid_from", "First day of the price; NULL since the model exists."),
    day("valid_to", "Last day of the price, inclusive; NULL is open."),
    count("prompt_tokens_from", "0 for the base price, else the price of requests whose prompt is longer than this."),
    number("usd_per_million", "List price of a million tokens in US dollars."),
)

MODEL_PRICES = Table(
    "model_prices",
    "reading, provider, model, token type, first day and prompt length: a standard list price",
    ("report_load_key", "provider", "model_id", "token_type", "valid_from", "prompt_tokens_from"),
    (*SNAPSHOT, text("model_name", "Name for people to read."), *PRICE),
)
MODEL_PRICE_VARIANTS = Table(
    "model_price_variants",
    "reading, provider, model, tier, token type, first day and prompt length: a list price of another tier",
    ("report_load_key", "provider", "model_id", "tier", "token_type", "valid_from", "prompt_tokens_from"),
    (*SNAPSHOT, text("tier", "batch, flex, priority or fast.", required=True), *PRICE),
)
MODEL_MATCHES = Table(
    "model_matches",
    "reading, provider, model and rule by which a vendor's model name is recognised",
    ("report_load_key", "provider", "model_id", "ordinal"),
    (
        *SNAPSHOT,
        text("rule", "equals, starts_with, ends_with, contains or regex.", required=True),
        text("pattern", "What the name, in lower case, must equal, begin with …", required=True),
        count("ordinal", "Position among the model's rules."),
    ),
)

DATASET = Dataset(
    "model_prices",
    "raw_model_prices",
    "Public list prices of language models, from the genai-prices library.",
    (REPORT_LOADS, MODEL_PRICES, MODEL_PRICE_VARIANTS, MODEL_MATCHES),
    latest_only=True,
)
