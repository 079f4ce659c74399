"""The console with keys: log-in, the cookie, the token of every form, log-out."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.console.login import NEXT
from serving.keys import Role, sessions
from serving.keys.key_file import revoke_key
from serving.keys.sessions import Sessions

BROWSER = {"accept": "text/html,application/xhtml+xml"}


def token_in(page: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page)
    assert found, page
    return found[1]


def log_in(client: TestClient, key: str, **query: str) -> None:
    form = {"csrf": token_in(client.get("/ui/login").text), "key": f" {key}\n"}
    answer = client.post("/ui/login", params=query, data=form, follow_redirects=False)
    assert answer.status_code == 303, answer.text


def test_a_browser_is_sent_to_the_log_in_and_back(guarded: TestClient, keys: dict[Role, str]) -> None:
    sent = guarded.get("/ui/decisions?lang=en&decision=review", headers=BROWSER, follow_redirects=False)
    assert sent.status_code == 303
    page = guarded.get(sent.headers["location"], headers=BROWSER).text
    assert "Paste an API key" in page
    assert "/ui/rules" not in page
    action = re.search(r'action="(/ui/login[^"]*)"', page)
    assert action
    form = {"csrf": token_in(page), "key": keys[Role.moderate]}
    answer = guarded.post(action[1].replace("&amp;", "&"), data=form, follow_redirects=False)
    assert answer.headers["location"] == "/ui/decisions?lang=en&decision=review"
    cookie = next(text for text in answer.headers.get_list("set-cookie") if text.startswith("pabean_session"))
    for word in ("httponly", "samesite=strict", "path=/ui", "max-age=28800"):
        assert word in cookie.lower()
    assert "secure" not in cookie.lower()
    shown = guarded.get("/ui/", headers=BROWSER).text
    assert 'title="the-moderate"' in shown
    assert keys[Role.moderate] not in shown + cookie


def test_the_cookie_is_secure_behind_https(guarded: TestClient) -> None:
    answer = guarded.get("/ui/login", headers={"x-forwarded-proto": "https"})
    assert "secure" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize(("role", "word"), [(None, "not known"), (Role.submit, "may not open")])
def test_other_keys_are_refused_on_the_page(
    guarded: TestClient, keys: dict[Role, str], role: Role | None, word: str
) -> None:
    form = {"csrf": token_in(guarded.get("/ui/login").text), "key": keys[role] if role else "pabean_a_<b>"}
    page = guarded.post("/ui/login?lang=en", data=form)
    assert word in page.text
    assert 'role="alert"' in page.text
    assert "<b>" not in page.text.replace("<b>Pabean</b>", "")
    assert guarded.get("/ui/").status_code == 401


def test_every_form_needs_the_token_of_its_session(guarded: TestClient, keys: dict[Role, str]) -> None:
    stranger = token_in(guarded.get("/ui/login").text)
    guarded.cookies.clear()
    for token in ({}, {"csrf": stranger}):
        answer = guarded.post("/ui/login", data={"key": keys[Role.admin], **token}, follow_redirects=False)
        assert answer.status_code == 403
    log_in(guarded, keys[Role.admin])
    token = token_in(guarded.get("/ui/").text)
    assert token != stranger
    for path in ("/ui/", "/ui/logout"):
        for wrong in ({}, {"csrf": stranger}, {"csrf": "\xe9"}):
            answer = guarded.post(path, data={"title": "Hijab", **wrong})
            assert answer.status_code == 403
            assert answer.json()["error"]["code"] == "stale_form"
    assert "621430" in guarded.post("/ui/", data={"title": "Hijab", "csrf": token}).text
    with_key = {"authorization": f"Bearer {keys[Role.moderate]}"}
    guarded.cookies.clear()
    assert "621430" in guarded.post("/ui/", data={"title": "Hijab"}, headers=with_key).text


def test_logging_out_ends_the_session_and_copies_of_it(guarded: TestClient, keys: dict[Role, str]) -> None:
    log_in(guarded, keys[Role.moderate])
    stolen = guarded.cookies["pabean_session"]
    token = token_in(guarded.get("/ui/").text)
    assert guarded.post("/ui/logout", data={"csrf": token}, follow_redirects=False).status_code == 303
    guarded.cookies.clear()
    assert guarded.get("/ui/", headers={"cookie": f"pabean_session={stolen}"}).status_code == 401


def test_a_revoked_key_takes_its_sessions_with_it(guarded: TestClient, key_file: Path, keys: dict[Role, str]) -> None:
    log_in(guarded, keys[Role.moderate])
    assert guarded.get("/ui/").status_code == 200
    assert guarded.get("/v1/model").status_code == 401  # a session opens the console, never the calls
    revoke_key(key_file, "the-moderate")
    assert guarded.get("/ui/").status_code == 401


def test_a_log_in_cookie_opens_nothing(guarded: TestClient) -> None:
    guarded.get("/ui/login")
    cookie = guarded.cookies["pabean_login"]
    assert guarded.get("/ui/", headers={"cookie": f"pabean_session={cookie}"}).status_code == 401


def test_forged_and_old_cookies_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    ours = Sessions()
    good = ours.open("abc")
    assert ours.read(good.cookie) == good
    changed = good.cookie.replace("abc", "abd")
    for cookie in (None, "", ".", "...", changed, good.cookie[:-1], Sessions().open("abc").cookie, "\xe9.\xe9"):
        assert ours.read(cookie) is None
    monkeypatch.setattr(sessions.time, "time", lambda real=time.time: real() + sessions.SESSION_SECONDS + 1)
    assert ours.read(good.cookie) is None


def test_a_log_in_leads_to_the_console_only() -> None:
    for path in ("/ui/", "/ui/decisions/7", "/ui/rules?as_of=2026-01-01&lang=en"):
        assert NEXT.fullmatch(path)
    for path in ("", "//evil", "https://evil", "/ui/\\evil", "/v1/model", "/ui/../x", "/ui/?a=//x"):
        assert not NEXT.fullmatch(path)
