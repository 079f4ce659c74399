"""Every fault has the one shape and its status."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving import body as body_module
from serving.app import create_app
from serving.gate import Gate
from serving.guard import Guard
from serving.settings import MAX_BODY_BYTES

JSON = {"content-type": "application/json"}
GOOD = {"id": "a", "title": "Hijab voal"}


def error_of(response: Any, status: int, code: str) -> dict[str, Any]:
    """The error of a response, after its shape was checked."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    value = response.json()
    assert set(value) == {"error"}
    assert set(value["error"]) == {"code", "message", "details"}
    assert value["error"]["code"] == code
    for fault in value["error"]["details"]:
        assert set(fault) == {"index", "field", "message"}
    return value["error"]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nope", 404, "not_found"),
        ("POST", "/v1/nope", 404, "not_found"),
        ("GET", "/ui/nope", 404, "not_found"),
        ("GET", "/ui/static/nope.css", 404, "not_found"),
        ("GET", "/ui/static/../pages.py", 404, "not_found"),
        ("GET", "/ui/decisions/99", 404, "not_found"),
        ("GET", "/v1/moderate", 405, "method_not_allowed"),
        ("PUT", "/v1/policy", 405, "method_not_allowed"),
        ("GET", "/v1/policy?as_of=2026-02-30", 422, "invalid_request"),
        ("GET", "/v1/policy?as_of=20260230", 422, "invalid_request"),
        ("GET", "/v1/policy?asof=2026-02-01", 422, "invalid_request"),
    ],
)
def test_paths_and_parameters(client: TestClient, method: str, path: str, status: int, code: str) -> None:
    error_of(client.request(method, path), status, code)


@pytest.mark.parametrize("path", ["/v1/moderate", "/v1/classify", "/v1/feedback"])
@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"nope", b"\xff\xfe", b'{"listings": [{"id": "a", "title": "x", "price": NaN}]}',
        b'{"listings": [{"id": "a", "title": "x", "price": -Infinity}]}', b"[" * 200_000, b'{"a":' * 50_000,
        b"9" * 5000, "{}".encode("utf-16"), b'\xef\xbb\xbf{"listings": []}', b"{} {}",
    ],
)  # fmt: skip
def test_what_is_not_json_is_400(client: TestClient, path: str, content: bytes) -> None:
    error_of(client.post(path, content=content, headers=JSON), 400, "invalid_json")


@pytest.mark.parametrize(
    "kind",
    [
        "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "application/vnd.bentoml+pickle", "application/vnd.bentoml+pickle; charset=utf-8",
        "application/json; charset=utf-16",
    ],
)  # fmt: skip
def test_other_media_types_are_415(client: TestClient, kind: str) -> None:
    content = json.dumps({"listings": [GOOD]})
    error_of(
        client.post("/v1/moderate", content=content, headers={"content-type": kind}), 415, "unsupported_media_type"
    )


def test_compressed_bodies_are_415(client: TestClient) -> None:
    answer = client.post("/v1/moderate", content=b"{}", headers={**JSON, "content-encoding": "gzip"})
    error_of(answer, 415, "unsupported_media_type")


def test_calls_from_pages_of_other_sites_are_403(client: TestClient) -> None:
    content = json.dumps({"listings": [GOOD]})
    for origin in ("http://evil.example", "null"):
        error_of(client.post("/v1/moderate", content=content, headers={**JSON, "origin": origin}), 403, "cross_origin")
    assert (
        client.post("/v1/moderate", content=content, headers={**JSON, "origin": "http://127.0.0.1"}).status_code == 200
    )


@pytest.mark.parametrize(
    ("listing", "field"),
    [
        ({"id": "a"}, "title"), ({"title": "x"}, "id"), ({"id": "", "title": "x"}, "id"),
        ({"id": "i" * 129, "title": "x"}, "id"),
        ({"id": 7, "title": "x"}, "id"), ({"id": "a", "title": "   "}, "title"), ({"id": "a",
        "title": "x" * 501}, "title"),
        ({**GOOD, "description": "x" * 20_001}, "description"), ({**GOOD, "colour": "red"}, "colour"),
        ({**GOOD, "price": -1}, "price"), ({**GOOD, "price": "1"}, "price"), ({**GOOD, "price": True}, "price"),
        ({**GOOD, "price": 10**400}, "price"), ({**GOOD, "currency": "rupiah"}, "currency"),
        ({**GOOD, "ship_from": "ZZ"}, "ship_from"),
        ({**GOOD, "cross_border": "true"}, "cross_border"), ({**GOOD, "attributes": {"a": 1}}, "attributes.a"),
        ({**GOOD, "attributes": []}, "attributes"), ({**GOOD, "declared_hs": "12"}, "declared_hs"),
        ({**GOOD, "title": "\ud800"}, "title"), ({**GOOD, "\udfff": 1}, "listing"),
        ({**GOOD, "attributes": {"\ud800": "x"}}, "attributes"),
        ("text", "listing"), (None, "listing"), ([], "listing"),
    ],
)  # fmt: skip
def test_a_faulty_listing_is_named(client: TestClient, listing: Any, field: str) -> None:
    content = json.dumps({"listings": [GOOD | {"id": "first"}, listing]})
    error = error_of(client.post("/v1/moderate", content=content, headers=JSON), 422, "invalid_listing")
    assert (1, field) in [(fault["index"], fault["field"]) for fault in error["details"]]


def test_every_fault_is_named_and_nothing_is_recorded(client: TestClient, gate: Gate) -> None:
    listings = [GOOD, {"id": "b"}, {"id": "c", "title": "", "x": 1}]
    error = error_of(client.post("/v1/moderate", json={"listings": listings}), 422, "invalid_listing")
    assert {(f["index"], f["field"]) for f in error["details"]} == {(1, "title"), (2, "title"), (2, "x")}
    assert gate.store.latest() == []


def test_repeated_ids_are_named(client: TestClient) -> None:
    listings = [GOOD, {"id": "b", "title": "x"}, GOOD]
    error = error_of(client.post("/v1/classify", json={"listings": listings}), 422, "invalid_listing")
    assert [(fault["index"], fault["field"]) for fault in error["details"]] == [(2, "id")]
    listings.insert(2, {"id": "b", "title": ""})
    error = error_of(client.post("/v1/classify", json={"listings": listings}), 422, "invalid_listing")
    assert sorted((f["index"], f["field"]) for f in error["details"]) == [(2, "id"), (2, "title"), (3, "id")]


@pytest.mark.parametrize(
    ("request_body", "field"),
    [
        ([], "body"), (None, "body"), ({}, "listings"), ({"listings": []}, "listings"), ({"listings": {}}, "listings"),
        ({"listings": [{"id": str(i), "title": "x"} for i in range(257)]}, "listings"),
        ({"listings": [GOOD], "as_of": "yesterday"}, "as_of"), ({"listings": [GOOD], "as_of": 20260101}, "as_of"),
        ({"listings": [GOOD], "as_of": "2026-13-01"}, "as_of"), ({"listings": [GOOD], "as_of": "2026-1-1"}, "as_of"),
        ({"listings": [GOOD], "debug": True}, "debug"),
    ],
)  # fmt: skip
def test_a_faulty_request_is_named(client: TestClient, request_body: Any, field: str) -> None:
    content = json.dumps(request_body)
    error = error_of(client.post("/v1/moderate", content=content, headers=JSON), 422, "invalid_request")
    assert field in [fault["field"] for fault in error["details"]]


def test_nesting_that_json_allows_is_no_fault_of_ours(client: TestClient) -> None:
    deep = b'{"listings": [{"id": "a", "title": ' + b"[" * 400 + b"]" * 400 + b"}]}"
    error_of(client.post("/v1/moderate", content=deep, headers=JSON), 422, "invalid_listing")


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_8_mib_is_413(client: TestClient, chunked: bool) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(9):
            yield b" " * 1024 * 1024

    content = chunks() if chunked else b" " * (MAX_BODY_BYTES + 1)
    error_of(client.post("/v1/moderate", content=content, headers=JSON), 413, "too_large")


def test_a_body_of_8_mib_is_read(client: TestClient) -> None:
    content = json.dumps({"listings": [GOOD]}).encode().ljust(MAX_BODY_BYTES)
    assert client.post("/v1/moderate", content=content, headers=JSON).status_code == 200


def test_a_body_that_does_not_come_is_408(monkeypatch: pytest.MonkeyPatch, gate: Gate) -> None:
    monkeypatch.setattr(body_module, "BODY_SECONDS", 0.05)
    scope = {
        "type": "http", "method": "POST", "path": "/v1/moderate", "raw_path": b"/v1/moderate", "query_string": b"",
        "headers": [(b"host", b"127.0.0.1"), (b"content-type", b"application/json")], "http_version": "1.1",
        "scheme": "http", "server": ("127.0.0.1", 80), "client": ("127.0.0.1", 1), "root_path": "",
    }  # fmt: skip
    sent: list[Any] = []

    async def receive() -> Any:
        await asyncio.sleep(10)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(Guard(create_app(gate))(scope, receive, send))
    assert sent[0]["status"] == 408
    assert json.loads(sent[1]["body"])["error"]["code"] == "request_timeout"


def test_a_fault_of_ours_is_500_with_a_request_id_and_no_internals(client: TestClient) -> None:
    answer = client.post(
        "/v1/moderate", json={"listings": [{"id": "a", "title": "explode"}]}, headers={"x-request-id": "r-7"}
    )
    error = error_of(answer, 500, "internal_error")
    assert answer.headers["x-request-id"] == "r-7"
    assert "r-7" in error["message"]
    assert "secret" not in answer.text


def test_before_the_model_is_loaded_calls_are_503() -> None:
    with TestClient(Guard(create_app()), base_url="http://127.0.0.1") as bare:
        for method, path in [("GET", "/v1/model"), ("GET", "/v1/policy"), ("GET", "/ui/model")]:
            error_of(bare.request(method, path), 503, "not_ready")
        error_of(bare.post("/v1/classify", json={"listings": [GOOD]}), 503, "not_ready")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"verdict": "approve"}, "id"), ({"id": "a", "verdict": "maybe"}, "verdict"),
        ({"id": "a", "verdict": "approve", "hs": "9999"}, "hs"), ({"id": "a", "verdict": "approve",
        "hs": "62143"}, "hs"),
        ({"id": "a", "verdict": "approve", "clusters": ["veils"]}, "clusters"),
        ({"id": "a", "verdict": "approve", "origin": "QQ"}, "origin"), ({"id": "a", "verdict": "approve",
        "by": "me"}, "by"),
    ],
)  # fmt: skip
def test_faulty_feedback_is_named(client: TestClient, sent: dict[str, Any], field: str) -> None:
    error = error_of(client.post("/v1/feedback", json=sent), 422, "invalid_request")
    assert [fault["field"] for fault in error["details"]] == [field]
