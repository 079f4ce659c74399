"""Keys: made, kept as hashes, found again, revoked; and which call needs which role."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from serving.__main__ import main
from serving.app import create_app
from serving.client import GateClient
from serving.gate import Gate
from serving.guard import Guard
from serving.keys import Access, KeyFileError, KeyRing, Role
from serving.keys.access import role_needed
from serving.keys.key_file import add_key, read_keys, revoke_key
from serving.keys.local import is_local
from serving.launch import serve
from serving.settings import Settings

LISTING = {"listings": [{"id": "a", "title": "Hijab voal"}]}
CALLS: list[tuple[str, str, Any, Role]] = [
    ("POST", "/v1/moderate", LISTING, Role.submit),
    ("POST", "/v1/classify", LISTING, Role.submit),
    ("GET", "/v1/model", None, Role.submit),
    ("GET", "/v1/policy", None, Role.submit),
    ("POST", "/v1/feedback", {"id": "a", "verdict": "approve"}, Role.moderate),
    ("GET", "/ui/", None, Role.moderate),
    ("GET", "/ui/decisions", None, Role.moderate),
]


def with_key(key: str) -> dict[str, str]:
    return {"authorization": f"Bearer {key}"}


def error_of(answer: Any, status: int, code: str) -> str:
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert set(error) == {"code", "message", "details"}
    assert error["code"] == code
    return str(error["message"])


@pytest.mark.parametrize(("method", "path", "body", "needed"), CALLS)
def test_each_call_needs_its_role(
    guarded: TestClient, keys: dict[Role, str], method: str, path: str, body: Any, needed: Role
) -> None:
    refused = guarded.request(method, path, json=body)
    error_of(refused, 401, "unauthenticated")
    assert refused.headers["www-authenticate"].startswith("Bearer")
    assert refused.headers["x-request-id"]
    for role, key in keys.items():
        answer = guarded.request(method, path, json=body, headers=with_key(key))
        if role >= needed:
            assert answer.status_code == 200, answer.text
        else:
            error_of(answer, 403, "forbidden")


def test_health_stays_open_and_what_is_unknown_is_closed(guarded: TestClient) -> None:
    assert guarded.get("/docs.json").status_code == 200
    for path in ("/livez", "/readyz", "/healthz"):
        assert role_needed(path) is None
    for path in ("/metrics", "/schema.json", "/v2/anything", "/v1/feedbacks"):
        assert role_needed(path) is Role.submit
    for path in ("/ui", "/ui/", "/ui/rules", "/v1/feedback", "/v1/feedback/"):
        assert role_needed(path) is Role.moderate
    error_of(guarded.get("/nope"), 401, "unauthenticated")


def test_wrong_keys_are_401(guarded: TestClient, keys: dict[Role, str]) -> None:
    good = keys[Role.admin]
    number = good.split("_")[1]
    wrong = ["", "x", good[:-1], good + "x", good.upper(), f"pabean_{number}_", "pabean__", "\xe9", "_" * 99, number]
    for key in wrong:
        headers = {"authorization": f"Bearer {key}".encode("latin-1")}
        error_of(guarded.get("/v1/model", headers=headers), 401, "unauthenticated")
    for header in (good, f"Basic {good}", f"Bearer{good}"):
        error_of(guarded.get("/v1/model", headers={"authorization": header}), 401, "unauthenticated")
    assert guarded.get("/v1/model", headers={"authorization": f"bearer  {good}"}).status_code == 200


def test_the_file_holds_no_key_and_is_private(key_file: Path, keys: dict[Role, str]) -> None:
    text = key_file.read_text()
    assert not any(key in text or key.split("_", 2)[2] in text for key in keys.values())
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o600
    key_file.chmod(0o640)
    revoke_key(key_file, "the-submit")
    assert stat.S_IMODE(key_file.stat().st_mode) == 0o640
    assert [path.name for path in key_file.parent.glob("*keys*")] == ["keys.jsonl"]


def test_a_change_counts_at_the_next_call(guarded: TestClient, key_file: Path, keys: dict[Role, str]) -> None:
    headers = with_key(keys[Role.submit])
    assert guarded.get("/v1/model", headers=headers).status_code == 200
    fresh = add_key(key_file, "fresh", Role.submit)
    assert guarded.get("/v1/model", headers=with_key(fresh)).status_code == 200
    revoke_key(key_file, "the-submit")
    assert "revoked" in error_of(guarded.get("/v1/model", headers=headers), 401, "unauthenticated")
    assert GateClient("", http=guarded, key=fresh)  # type: ignore[arg-type]
    assert guarded.get("/v1/model").status_code == 200


def test_a_broken_file_keeps_the_keys_and_none_at_the_start_keeps_all_out(
    guarded: TestClient, gate: Gate, key_file: Path, keys: dict[Role, str]
) -> None:
    headers = with_key(keys[Role.submit])
    assert guarded.get("/v1/model", headers=headers).status_code == 200
    whole = key_file.read_text()
    for broken in ("{", '{"id": 5}', whole + whole):
        key_file.write_text(broken)
        assert guarded.get("/v1/model", headers=headers).status_code == 200
        with pytest.raises(KeyFileError):
            read_keys(key_file)
    key_file.unlink()
    assert guarded.get("/v1/model", headers=headers).status_code == 200
    late = TestClient(Guard(create_app(gate), access=Access(KeyRing(key_file))), base_url="http://gate.example")
    for path in ("/v1/model", "/readyz"):
        error_of(late.get(path, headers=headers), 503, "not_ready")
    key_file.write_text(whole)
    assert late.get("/v1/model", headers=headers).status_code == 200


@pytest.mark.parametrize(
    ("base", "host", "status"),
    [
        ("http://127.0.0.1", None, 200), ("http://localhost:3000", None, 200), ("http://[::1]", None, 200),
        ("http://10.1.2.3", None, 403), ("http://gate.example", None, 403),
        ("http://127.0.0.1", "evil.example", 403), ("http://127.0.0.1", "[", 403),
        ("http://127.0.0.1", "[::1]:80", 200),
    ],
)  # fmt: skip
def test_without_keys_only_this_machine_is_answered(gate: Gate, base: str, host: str | None, status: int) -> None:
    client = TestClient(Guard(create_app(gate), access=Access(None)), base_url=base)
    answer = client.post("/v1/moderate", json=LISTING, headers={"host": host} if host else {})
    assert answer.status_code == status, answer.text
    if status == 403:
        assert "PABEAN_API_KEYS" in error_of(answer, 403, "forbidden")


def test_local_names() -> None:
    assert all(is_local(name) for name in ("localhost", "a.localhost", "127.9.9.9", "::1", "::ffff:127.0.0.1"))
    assert not any(
        is_local(name) for name in ("", "0.0.0.0", "::", "10.0.0.1", "localhost.evil.example", "::ffff:8.8.8.8")
    )


def test_it_does_not_start_for_others_without_keys(
    monkeypatch: pytest.MonkeyPatch, key_file: Path, tiny_bundle: Path
) -> None:
    monkeypatch.setenv("PABEAN_MODEL", str(tiny_bundle))
    monkeypatch.delenv("PABEAN_API_KEYS", raising=False)
    started: list[str] = []
    monkeypatch.setattr(os, "execve", lambda *given: started.append(given[0]))
    with pytest.raises(KeyFileError, match="calls need keys"):
        serve("0.0.0.0")
    monkeypatch.setenv("PABEAN_API_KEYS", str(key_file))
    with pytest.raises(KeyFileError, match="keys add"):
        serve("127.0.0.1")
    assert not started
    add_key(key_file, "first", Role.submit)
    serve("0.0.0.0")
    assert started


def test_the_commands(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, key_file: Path) -> None:
    monkeypatch.delenv("PABEAN_API_KEYS", raising=False)
    assert main(["keys", "list"]) == 2
    assert "PABEAN_API_KEYS" in capsys.readouterr().err
    monkeypatch.setenv("PABEAN_API_KEYS", str(key_file))
    assert Settings.from_environment().api_keys == key_file
    assert main(["keys", "add", "shop", "--role", "submit"]) == 0
    key = capsys.readouterr().out.strip()
    found = KeyRing(key_file).find(key)
    assert found is not None
    assert (found.name, found.role) == ("shop", Role.submit)
    assert main(["keys", "add", "shop", "--role", "admin"]) == 2
    assert main(["keys", "add", "no name", "--role", "admin"]) == 2
    assert main(["keys", "revoke", "shop"]) == 0
    assert main(["keys", "revoke", "shop"]) == 2
    capsys.readouterr()
    assert main(["keys", "list"]) == 0
    listed = capsys.readouterr().out
    assert "shop" in listed
    assert "revoked" in listed
    assert found.hash not in listed
    assert KeyRing(key_file).find(key) is None
