"""Public list prices of language models, from the genai-prices library."""

from dlt_pipelines.model_prices.extraction import SOURCE, extract

__all__ = ["SOURCE", "extract"]
