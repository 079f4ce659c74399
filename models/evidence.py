"""The words that carried a score: spans of the seller's own text.

A listing's vector is a sum over its words, so a word's share of a score is a dot product with the
direction in which that score grows: one product a word, no re-runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from data.listing import Listing
from models.encoder import Encoder
from models.exact import Floats
from models.fields import FIELD_WEIGHTS, raw_texts
from models.text import Normalizer, Traced
from models.words import MAX_WORDS, WORD

MAX_SPANS = 3
LEAST_SHARE = 0.35
"""A word counts as evidence where it carries at least this much of what the strongest word carries."""


@dataclass(frozen=True)
class Place:
    """A word of a listing: its field, the word, and its original span."""

    field: str
    word: str
    start: int
    end: int


@dataclass
class EvidenceFinder:
    """Finds evidence in one listing; traces its texts once.

    Parameters
    ----------
    listing : the listing.
    normalizer, encoder : those that made its vector.
    """

    listing: Listing
    normalizer: Normalizer
    encoder: Encoder

    def __post_init__(self) -> None:
        self._raw = {k: v for k, v in raw_texts(self.listing).items() if k != "attributes"}
        self._traced = {name: self._trace(text) for name, text in self._raw.items()}
        self._places = [
            Place(name, match.group(), *_span(traced, match.start(), match.end()))
            for name, (text, traced) in self._traced.items()
            for match in islice(WORD.finditer(text), MAX_WORDS)
        ]
        self._vectors = self.encoder.word_vectors([place.word for place in self._places]) if self._places else None

    def spans(self, direction: Floats) -> list[dict[str, Any]]:
        """At most three spans whose words point most along ``direction`` (dim,)."""
        if self._vectors is None:
            return []
        shares = self._vectors @ direction
        scored = sorted(
            (
                (float(share) * FIELD_WEIGHTS[place.field], place)
                for share, place in zip(shares, self._places, strict=True)
            ),
            key=lambda item: (-item[0], item[1].field != "title", item[1].start),
        )
        if not scored or scored[0][0] <= 0:
            return []
        chosen: list[Place] = []
        for share, place in scored:
            if share < LEAST_SHARE * scored[0][0] or len(chosen) == MAX_SPANS:
                break
            if all((place.field, place.start) != (other.field, other.start) for other in chosen):
                chosen.append(place)
        return [self._span(place.field, place.start, place.end) for place in _merged(chosen, self._raw)]

    def matched(self, field: str, start: int, end: int) -> dict[str, Any]:
        """The span of ``normalised text[start:end]`` of a field."""
        return self._span(field, *_span(self._traced[field][1], start, end))

    def _trace(self, text: str) -> tuple[str, Traced | None]:
        """The normalised text with the way back; ``None`` for the way where nothing moved."""
        normalized = self.normalizer(text)
        return normalized, None if normalized == text.lower() and text.isascii() else self.normalizer.trace(text)

    def _span(self, field: str, start: int, end: int) -> dict[str, Any]:
        return {"field": field, "start": start, "end": end, "text": self._raw[field][start:end]}


def _span(traced: Traced | None, start: int, end: int) -> tuple[int, int]:
    return (start, end) if traced is None else traced.span(start, end)


def _merged(places: Sequence[Place], raw: dict[str, str]) -> list[Place]:
    """Neighbouring words as one span, in reading order."""
    merged: list[Place] = []
    for place in sorted(places, key=lambda p: (p.field != "title", p.field, p.start)):
        last = merged[-1] if merged else None
        if last and last.field == place.field and not raw[place.field][last.end : place.start].strip():
            merged[-1] = Place(last.field, last.word, last.start, place.end)
        else:
            merged.append(place)
    return merged
