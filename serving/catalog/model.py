"""The model that scores a catalog."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from data.listing import Listing
from models.bundle import load_bundle
from models.locate import resolve_bundle
from serving.settings import Settings


class Classifier(Protocol):
    """What scoring asks of a model."""

    @property
    def version(self) -> str:
        """Name and digest of the bundle."""

    def predict(self, listings: Sequence[Listing], facts: bool = True) -> list[dict[str, Any]]:
        """Result objects without decision and flags, with facts."""


def load_model(model: str | None = None) -> Classifier:
    """The classifier of a bundle's directory or a BentoML tag; None: ``PABEAN_MODEL``, else the bundle that ships.

    Raises
    ------
    BundleError
        Where it is neither, or its files are not those that were written.
    """
    return load_bundle(resolve_bundle(model or Settings.from_environment().model))
