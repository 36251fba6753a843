"""What the name of a key tells without being loaded: the words that say where it runs. The rest may name a person."""

from __future__ import annotations

from dlt_pipelines.sql import literal

HINT_WORDS = (
    *("batch", "bot", "cd", "ci", "cron", "dev", "development", "github", "gitlab", "jenkins", "live", "local"),
    *("nightly", "prod", "production", "qa", "sandbox", "stage", "staging", "test"),
)


def name_hints(name: str) -> str:
    """SQL of the recognised words of a name, sorted and separated by commas; NULL where there is none."""
    listed = ", ".join(literal(word) for word in HINT_WORDS)
    words = f"regexp_split_to_array(lower({name}), '[^a-z]+')"
    return f"nullif(array_to_string(list_sort(list_intersect({words}, [{listed}])), ','), '')"
