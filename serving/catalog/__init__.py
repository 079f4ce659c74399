"""Catalogs: files of listings scored against model and policy, and stored results decided anew."""

from serving.catalog.checkpoint import OutputError
from serving.catalog.deciding import decide
from serving.catalog.model import load_model
from serving.catalog.run import Options
from serving.catalog.scoring import score
from serving.catalog.summary import Summary

__all__ = ["Options", "OutputError", "Summary", "decide", "load_model", "score"]
