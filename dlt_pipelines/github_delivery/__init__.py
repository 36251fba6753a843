"""Delivery on GitHub: pull requests, trailers, reviews, deployments, workflow runs, issues and agents' sessions."""

from dlt_pipelines.github_delivery.checks import checks
from dlt_pipelines.github_delivery.extraction import SOURCE, DeliveryExtraction, extract
from dlt_pipelines.github_delivery.settings import NOT_CONFIGURED, is_configured, load_settings

__all__ = [
    "NOT_CONFIGURED",
    "SOURCE",
    "DeliveryExtraction",
    "checks",
    "extract",
    "is_configured",
    "load_settings",
]
