"""A service over a stub classifier: same interface, no training, answers that depend on the text only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from data.listing import Listing
from data.policy import load_policy
from serving.app import create_app
from serving.gate import Gate
from serving.guard import Guard
from serving.keys import Access, KeyRing, Role
from serving.keys.key_file import add_key
from serving.store import Store


class StubClassifier:
    """Calls everything with "hijab" in its title 6214.30, and everything else a plastic article."""

    version = "stub-1"
    card: dict[str, Any] = {"name": "stub", "hs_edition": "2022", "accuracy": {"hs4": 0.5}}

    def predict(self, listings: Sequence[Listing], facts: bool = True) -> list[dict[str, Any]]:
        return [self._one(listing, facts) for listing in listings]

    def explain(self, listing: Listing, code: str) -> dict[str, Any]:
        word = listing.title.split()[0]
        span = {"field": "title", "start": 0, "end": len(word), "text": word}
        return {"evidence": [span], "like": ["hijab voal", "kerudung <i>satin</i>"]}

    def _one(self, listing: Listing, facts: bool) -> dict[str, Any]:
        if listing.title == "explode":
            raise RuntimeError("secret internals")
        hijab = "hijab" in listing.title.lower()
        code = "621430" if hijab else "392690"
        scored = [{"code": code, "score": 0.9}, {"code": "420292", "score": 0.05}]
        result: dict[str, Any] = {
            "id": listing.id,
            "hs": {
                "code": code, "level": "subheading", "confidence": 0.9, "candidates": scored,
                "headings": [{"code": code[:4], "score": 0.9}], "chapters": [{"code": code[:2], "score": 0.9}],
                "set": [code],
            },
            "clusters": [{"name": "hijab", "score": 0.95}] if hijab else [],
            "origin": {
                "imported": 0.9, "country": "CN", "countries": [{"code": "CN", "score": 0.9}], "basis": "predicted",
            },
            "warnings": [],
        }  # fmt: skip
        if facts:
            spans = [{"field": "title", "start": 0, "end": 5, "text": listing.title[:5]}]
            result["facts"] = {
                "title": listing.title, "price": listing.price, "currency": listing.price_currency,
                "crosses_border": listing.crosses_border, "ship_from": listing.ship_from,
                "declared_origin": listing.declared_origin, "used": 0.0, "evidence": {"hijab": spans} if hijab else {},
            }  # fmt: skip
        return result


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store in a file of its own."""
    opened = Store(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    yield opened
    opened.close()


@pytest.fixture
def gate(store: Store) -> Gate:
    """The stub classifier, our policy, the store."""
    return Gate(StubClassifier(), load_policy(), store)


@pytest.fixture
def client(gate: Gate) -> Iterator[TestClient]:
    """The calls and the console, in process, with the guard around them."""
    with TestClient(Guard(create_app(gate)), base_url="http://127.0.0.1", raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    """Where a test keeps its keys."""
    return tmp_path / "keys.jsonl"


@pytest.fixture
def keys(key_file: Path) -> dict[Role, str]:
    """One key of each role."""
    return {role: add_key(key_file, f"the-{role.name}", role) for role in Role}


@pytest.fixture
def guarded(gate: Gate, key_file: Path, keys: dict[Role, str]) -> TestClient:
    """The service with keys."""
    app = Guard(create_app(gate), access=Access(KeyRing(key_file)))
    return TestClient(app, base_url="http://gate.example", raise_server_exceptions=False)
