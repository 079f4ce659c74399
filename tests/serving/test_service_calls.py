"""What the calls answer."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from data.listing import FIELDS
from serving.client import GateClient, Refused
from serving.clock import today
from serving.gate import Gate
from serving.openapi import openapi_document
from serving.store.audit import verify

HIJAB = {"id": "A-1", "title": "Hijab voal premium", "ship_from": "CN", "price": 900_000}
CASE = {"id": "A-2", "title": "Casing hp silikon", "ship_from": "ID", "price": 15_000}


def test_moderate_answers_in_the_order_asked_and_records(client: TestClient, gate: Gate) -> None:
    answer = client.post("/v1/moderate", json={"listings": [HIJAB, CASE], "as_of": "2026-11-24"})
    assert answer.status_code == 200
    value = answer.json()
    assert list(value) == ["model_version", "policy_version", "as_of", "results"]
    assert (value["model_version"], value["as_of"]) == ("stub-1", "2026-11-24")
    first, second = value["results"]
    assert [first["id"], second["id"]] == ["A-1", "A-2"]
    assert first["decision"] == "reject"
    assert "platform-2021/hijab" in [flag["rule"] for flag in first["flags"]]
    assert second["decision"] == "approve"
    assert "facts" not in first
    rows = gate.store.latest()
    assert [(row["listing_id"], row["decision"]) for row in rows] == [("A-2", "approve"), ("A-1", "reject")]
    assert {row["request_id"] for row in rows} == {answer.headers["x-request-id"]}


def test_as_of_is_today_where_it_is_absent_and_changes_the_rules(client: TestClient) -> None:
    assert client.post("/v1/moderate", json={"listings": [CASE]}).json()["as_of"] == today().isoformat()
    before = client.post("/v1/moderate", json={"listings": [HIJAB], "as_of": "2015-01-01"}).json()
    assert before["results"][0]["flags"] == []


def test_classify_gives_no_decision_and_records_nothing(client: TestClient, gate: Gate) -> None:
    value = client.post("/v1/classify", json={"listings": [HIJAB]}).json()
    assert list(value) == ["model_version", "results"]
    assert set(value["results"][0]) == {"id", "hs", "clusters", "origin", "warnings"}
    assert gate.store.latest() == []


def test_256_listings_pass(client: TestClient) -> None:
    listings = [{"id": str(i), "title": f"Hijab {i}"} for i in range(256)]
    assert len(client.post("/v1/moderate", json={"listings": listings}).json()["results"]) == 256


def test_a_body_without_a_media_type_is_read_as_json(client: TestClient) -> None:
    assert client.post("/v1/classify", content=b'{"listings": [{"id": "a", "title": "x"}]}').status_code == 200


def test_feedback_answers_what_it_stored(client: TestClient) -> None:
    client.post("/v1/moderate", json={"listings": [CASE]})
    sent = {"id": "A-2", "verdict": "approve", "hs": "392690", "clusters": [], "origin": "CN", "note": "ok"}
    stored = client.post("/v1/feedback", json=sent).json()
    assert {name: stored[name] for name in sent} == sent
    assert stored["moderated"] is True
    unseen = client.post("/v1/feedback", json={"id": "never", "verdict": "reject"}).json()
    assert unseen["moderated"] is False
    assert unseen["feedback_id"] == stored["feedback_id"] + 1


def test_model_and_policy(client: TestClient) -> None:
    assert client.get("/v1/model").json() == {
        "model_version": "stub-1",
        "name": "stub",
        "hs_edition": "2022",
        "accuracy": {"hs4": 0.5},
    }
    rules = client.get("/v1/policy", params={"as_of": "2026-11-24"}).json()
    assert rules["as_of"] == "2026-11-24"
    assert "platform-2021/hijab" in [rule["rule"] for rule in rules["rules"]]
    assert rules["policy_version"] == rules["version"]


def test_the_document_names_all_calls(client: TestClient) -> None:
    document = client.get("/docs.json").json()
    assert document == openapi_document()
    assert set(document["paths"]) >= {"/v1/moderate", "/v1/classify", "/v1/feedback", "/v1/model", "/v1/policy"}
    assert set(document["components"]["schemas"]["Listing"]["properties"]) == set(FIELDS)


def test_calls_at_the_same_time_keep_their_answers_and_one_fault_harms_no_other(client: TestClient, gate: Gate) -> None:
    def call(i: int) -> Any:
        title = "explode" if i % 7 == 3 else f"Hijab {i}"
        return client.post("/v1/moderate", json={"listings": [{"id": f"n{i}", "title": title}]})

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(call, range(40)))
    for i, answer in enumerate(answers):
        if i % 7 == 3:
            assert answer.status_code == 500
        else:
            assert answer.json()["results"][0]["id"] == f"n{i}"
    assert verify(gate.store.engine).rows == sum(i % 7 != 3 for i in range(40))


ODD = st.text(st.characters(codec=None, exclude_categories=[]), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ODD,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ODD, inner, max_size=3),
    max_leaves=6,
)
LISTINGS = st.dictionaries(st.sampled_from([*FIELDS, "other"]), VALUES | st.text(min_size=1, max_size=8), max_size=6)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    listings=st.lists(LISTINGS.map(lambda found: {"id": "a", "title": "x", **found}), max_size=3) | VALUES,
    as_of=st.none() | VALUES,
    path=st.sampled_from(["/v1/moderate", "/v1/classify", "/v1/feedback"]),
)
def test_no_json_body_makes_a_500(client: TestClient, listings: Any, as_of: Any, path: str) -> None:
    body = json.dumps({"listings": listings, **({} if as_of is None else {"as_of": as_of})})
    answer = client.post(path, content=body.encode(), headers={"content-type": "application/json"})
    assert answer.status_code in {200, 400, 422}, answer.text
    if answer.status_code != 200:
        assert set(answer.json()["error"]) == {"code", "message", "details"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=200),
    kind=st.sampled_from(["application/json", "text/plain", "\x7f", "application/x-www-form-urlencoded"]),
)
def test_no_bytes_make_a_500(client: TestClient, body: bytes, kind: str) -> None:
    for path in ("/v1/moderate", "/ui/"):
        answer = client.post(path, content=body, headers={"content-type": kind})
        assert answer.status_code in {200, 400, 415, 422}, answer.text


def test_the_client_splits_what_is_too_much_and_names_faults(client: TestClient) -> None:
    http: Any = client
    gate_client = GateClient("http://127.0.0.1", http=http)
    listings = [{"id": str(i), "title": f"Hijab {i}"} for i in range(300)]
    assert [result["id"] for result in gate_client.moderate(listings)] == [one["id"] for one in listings]
    assert gate_client.feedback("1", "approve", hs="6214")["moderated"] is True
    with pytest.raises(Refused) as refused:
        list(gate_client.moderate([{"id": "a", "title": ""}]))
    assert refused.value.details[0]["field"] == "title"
