"""Which parts of a listing are read, and how much each weighs.

Every field becomes a unit vector of its own before the fields are added, so that a long, noisy
description cannot drown a clear title (ablation in training/README.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from data.listing import Listing
from models.text import Normalizer

FIELD_WEIGHTS: Mapping[str, float] = {
    "title": 1.0,
    "category": 0.3,
    "attributes": 0.1,
    "brand": 0.1,
    "description": 0.2,
}
DESCRIPTION_LETTERS = 300


def raw_texts(listing: Listing) -> dict[str, str]:
    """The fields that are there, as the seller wrote them; of the description its beginning."""
    given = {
        "title": listing.title,
        "category": listing.category,
        "attributes": " ".join(listing.attributes.values()) if listing.attributes else None,
        "brand": listing.brand,
        "description": listing.description[:DESCRIPTION_LETTERS] if listing.description else None,
    }
    return {name: text for name, text in given.items() if text}


def normalized_texts(listing: Listing, normalizer: Normalizer) -> dict[str, str]:
    """The fields that are there, normalised."""
    return {name: normalizer(text) for name, text in raw_texts(listing).items()}


def brevity(texts: Sequence[Mapping[str, str]]) -> NDArray[np.float64]:
    """(n,) 1 / number of words in each title, 1 where there is none."""
    return np.array([1 / max(len(fields["title"].split()), 1) for fields in texts], np.float64)
