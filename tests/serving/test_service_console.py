"""The console: bilingual, escaped, and closed to strangers' content."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from serving.console.marking import marked
from serving.console.texts import TEXTS

ATTACK = 'hijab <script>alert(1)</script> "><img src=x onerror=alert(1)>'


@pytest.mark.parametrize(
    "path", ["/ui/", "/ui/?example=0", "/ui/decisions", "/ui/rules", "/ui/model", "/ui/rules?as_of=x"]
)
@pytest.mark.parametrize(("query", "word"), [("", "Aturan"), ("lang=en", "Rules"), ("lang=xx", "Aturan")])
def test_pages_in_both_languages(client: TestClient, path: str, query: str, word: str) -> None:
    answer = client.get(f"{path}{'&' if '?' in path else '?'}{query}")
    assert answer.status_code == 200
    assert f">{word}</a>" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert "unsafe" not in answer.headers["content-security-policy"]
    for trace in ("<script", "style=", "onclick", "https://"):
        assert trace not in answer.text.replace("<script>alert", ""), trace


def test_home_leads_to_the_console(client: TestClient) -> None:
    assert client.get("/", follow_redirects=False).headers["location"] == "/ui/"
    assert client.get("/ui").status_code == 200


def test_trying_a_listing_shows_everything_and_stores_nothing(client: TestClient) -> None:
    form = {"title": "Hijab voal premium", "price": "35000", "ship_from": "CN", "as_of": "2026-11-24"}
    page = client.post("/ui/?lang=en", data=form).text
    for word in (
        "621430",
        "6214",
        "platform-2021/hijab",
        "Legal basis",
        '<mark class="flag">Hijab</mark>',
        "hijab voal",
        "90 %",
    ):
        assert word in page, word
    assert "<i>satin" not in page
    assert "No decisions here yet" in client.get("/ui/decisions?lang=en").text


def test_what_a_seller_wrote_is_escaped_everywhere(client: TestClient) -> None:
    tried = client.post(
        "/ui/", data={"title": ATTACK, "description": ATTACK, "category": ATTACK, "ship_from": "CN"}
    ).text
    listing = {"id": ATTACK[:100], "title": ATTACK, "brand": ATTACK, "ship_from": "CN", "attributes": {ATTACK: ATTACK}}
    assert client.post("/v1/moderate", json={"listings": [listing]}).status_code == 200
    for page in (tried, client.get("/ui/decisions").text, client.get("/ui/decisions/1").text):
        assert "<script" not in page
        assert "<img" not in page
        assert "&lt;" in page


def test_faults_are_shown_beside_the_form(client: TestClient) -> None:
    page = client.post("/ui/?lang=en", data={"title": "x", "price": "dear", "as_of": "never"}).text
    assert "is not a number" in page
    assert "write YYYY-MM-DD" in page
    assert 'role="alert"' in page


def test_a_form_from_another_site_is_refused(client: TestClient) -> None:
    assert client.post("/ui/", data={"title": "x"}, headers={"origin": "https://evil.example"}).status_code == 403


def test_decisions_filter_and_pages(client: TestClient) -> None:
    listings = [
        {"id": f"n{i}", "title": f"Hijab {i}" if i % 2 else f"Casing {i}", "ship_from": "CN" if i % 2 else "ID"}
        for i in range(120)
    ]
    client.post("/v1/moderate", json={"listings": listings})
    page = client.get("/ui/decisions?decision=approve&lang=en").text
    assert page.count('class="badge approve"') == 50
    assert "before=" in page
    last = client.get("/ui/decisions?decision=approve&before=21").text
    assert last.count('class="badge approve"') == 10


def test_texts_are_there_in_both_languages() -> None:
    assert all(len(pair) == 2 and all(pair) for pair in TEXTS.values())


@pytest.mark.parametrize(
    ("spans", "parts"),
    [
        ([], [("hijab satin", "")]),
        ([("hs", 0, 5), ("flag", 3, 8)], [("hij", "hs"), ("ab sa", "flag"), ("tin", "")]),
        ([("flag", 6, 99)], [("hijab ", ""), ("satin", "flag")]),
    ],
)
def test_marking(spans: list[tuple[str, int, int]], parts: list[tuple[str, str]]) -> None:
    assert marked("hijab satin", [(kind, {"start": s, "end": e}) for kind, s, e in spans]) == parts
