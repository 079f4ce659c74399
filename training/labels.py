"""Labelled listings as examples."""

from __future__ import annotations

from data.clusters import CLUSTERS
from data.labels import LabelledListing
from models.classifier import ListingClassifier
from training.knowledge import Example


def as_example(item: LabelledListing, model: ListingClassifier | None = None, often: float = 1.0) -> Example:
    """A labelled listing as an example.

    A label of fewer than six digits is completed by the model's best code under it; without a model, or
    where the model sees none, it teaches no code.
    """
    tags = {} if item.clusters is None else {name: float(name in item.clusters) for name in CLUSTERS}
    code = item.hs[:6] if item.hs else None
    if code and len(code) < 6:
        code = _completed(code, item, model) if model else None
    return Example(item.listing.title, code, tags, often)


def _completed(prefix: str, item: LabelledListing, model: ListingClassifier) -> str | None:
    opened, shares = model.scores([item.listing])
    names = model.hs_head.classes[opened.codes[0]]
    under = [
        (float(share), str(name)) for share, name in zip(shares[0], names, strict=True) if str(name).startswith(prefix)
    ]
    return max(under)[1] if under else None
