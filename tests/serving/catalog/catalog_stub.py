"""A model that is no model: answers that depend on the title alone, at once or slowly."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.listing import Listing

CODES = ("621430", "851713", "640411", "330499")


class StubClassifier:
    """Knows scarves by name; anything else gets a code from a digest of its title."""

    version = "stub-1"

    def __init__(self, pause: float = 0.0) -> None:
        self._pause = pause

    def predict(self, listings: Sequence[Listing], facts: bool = True) -> list[dict[str, Any]]:
        time.sleep(self._pause)
        return [self._predict(listing) for listing in listings]

    def _predict(self, listing: Listing) -> dict[str, Any]:
        if listing.title == "meledak":
            raise RuntimeError("boom")
        scarf = "hijab" in listing.title
        number = int(hashlib.sha256(listing.title.encode()).hexdigest()[:8], 16)
        code = CODES[0] if scarf else CODES[number % len(CODES)]
        score = 0.5 + number % 1000 / 2001
        known = number % 7 > 0
        return {
            "id": listing.id,
            "hs": {
                "code": code if known else None,
                "level": "subheading" if known else None,
                "confidence": score if known else None,
                "candidates": [{"code": code, "score": score}],
                "headings": [{"code": code[:4], "score": score}],
                "chapters": [{"code": code[:2], "score": score}],
                "set": [code],
            },
            "clusters": [{"name": "hijab", "score": 0.99}] if scarf else [],
            "origin": {
                "imported": score, "country": "CN", "countries": [{"code": "CN", "score": 0.7}], "basis": "predicted",
            },
            "warnings": [],
            "facts": {
                "title": listing.title,
                "price": listing.price,
                "currency": listing.price_currency,
                "crosses_border": listing.crosses_border,
                "ship_from": listing.ship_from,
                "declared_origin": listing.declared_origin,
                "used": 0.0,
                "evidence": {"hijab": [{"field": "title", "start": 0, "end": 5, "text": "hijab"}]} if scarf else {},
            },
        }  # fmt: skip


def load_stub() -> StubClassifier:
    """For ``score(load=...)``."""
    return StubClassifier()


def load_slow_stub() -> StubClassifier:
    """Takes its time, so that it can be killed."""
    return StubClassifier(pause=0.05)


def score_slowly(source: str, out: str) -> None:
    """A run to be killed: small chunks, two processes."""
    from datetime import date

    from serving.catalog import Options, score

    options = Options(chunk=20, workers=2)
    score(Path(source), Path(out), load=load_slow_stub, as_of=date(2026, 11, 1), options=options)
