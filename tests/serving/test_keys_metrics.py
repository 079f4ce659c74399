"""Our numbers for Prometheus."""

from __future__ import annotations

from prometheus_client import REGISTRY
from sqlalchemy import text
from starlette.testclient import TestClient

from serving.gate import Gate

HIJAB = {"id": "h", "title": "Hijab voal", "ship_from": "CN", "price": 900_000}
CASE = {"id": "c", "title": "Casing hp", "ship_from": "ID", "price": 15_000}


def number(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_decisions_are_counted_once_they_are_recorded(client: TestClient, gate: Gate) -> None:
    def read() -> list[float]:
        return [
            number("pabean_decisions_total", decision="reject"),
            number("pabean_decisions_total", decision="approve"),
            number("pabean_flags_total", rule="platform-2021/hijab", action="reject"),
            number("pabean_store_seconds_count"),
            number("pabean_abstentions_total"),
            number("pabean_store_failures_total"),
        ]

    def moderate() -> int:
        return client.post("/v1/moderate", json={"listings": [HIJAB, CASE], "as_of": "2026-11-24"}).status_code

    def grown(before: list[float]) -> list[float]:
        return [now - then for now, then in zip(read(), before, strict=True)]

    before = read()
    assert moderate() == 200
    assert grown(before) == [1, 1, 1, 1, 0, 0]
    assert client.post("/v1/classify", json={"listings": [HIJAB]}).status_code == 200
    assert grown(before) == [1, 1, 1, 1, 0, 0]
    with gate.store.engine.begin() as connection:
        connection.execute(text("DROP TABLE decisions"))
        connection.execute(text("CREATE TABLE decisions (seq INTEGER)"))
    assert moderate() == 503
    assert grown(before) == [1, 1, 1, 2, 0, 1]


def test_a_listing_without_a_code_is_an_abstention(client: TestClient, gate: Gate) -> None:
    predict = gate.classifier.predict

    def vague(listings: object, facts: bool = True) -> list[dict[str, object]]:
        found = predict(listings, facts)  # type: ignore[arg-type]
        for one in found:
            one["hs"].update(code=None, level=None)
        return found

    gate.classifier.predict = vague  # type: ignore[assignment,method-assign]
    before = number("pabean_abstentions_total")
    assert client.post("/v1/moderate", json={"listings": [CASE]}).status_code == 200
    assert number("pabean_abstentions_total") == before + 1
