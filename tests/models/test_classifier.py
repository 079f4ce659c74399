"""The classifier: shape of an answer, and that no row depends on its batch."""

from __future__ import annotations

import random

import pytest

from data.listing import Listing
from models.classifier import ListingClassifier

TITLES = [
    "hijab segiempat voal murah",
    "casing hp silikon iphone 13",
    "kopi bubuk arabika 200gr",
    "led bulb e27 10w",
    "boneka beruang jumbo",
    "sepatu lari pria ori",
    "H1J4B voal",
    "paket a kak",
    "zzz qqq",
    "毫克 袋",
]


def listings() -> list[Listing]:
    return [Listing(id=str(i), title=title) for i, title in enumerate(TITLES)]


def test_answers_have_the_contract_shape(tiny_model: ListingClassifier) -> None:
    result = tiny_model.predict(listings()[:1], facts=False)[0]
    assert set(result) == {"id", "hs", "clusters", "origin", "warnings"}
    assert set(result["hs"]) == {"code", "level", "confidence", "candidates", "headings", "chapters", "set"}
    assert set(result["origin"]) == {"imported", "country", "countries", "basis"}


def test_it_learned(tiny_model: ListingClassifier) -> None:
    codes = [r["hs"]["candidates"][0]["code"] for r in tiny_model.predict(listings())]
    assert codes[:6] == ["621430", "392690", "090121", "853952", "950300", "640411"]


def test_a_disguised_word_counts_as_itself(tiny_model: ListingClassifier) -> None:
    plain, hidden = tiny_model.predict(
        [Listing(id="1", title="hijab voal"), Listing(id="1", title="H1J4B voal")], facts=False
    )
    assert plain == hidden


def test_rows_do_not_depend_on_their_batch(tiny_model: ListingClassifier) -> None:
    together = tiny_model.predict(listings())
    alone = [tiny_model.predict([listing])[0] for listing in listings()]
    assert alone == together
    shuffled = listings()
    random.Random(3).shuffle(shuffled)
    by_id = {r["id"]: r for r in tiny_model.predict(shuffled)}
    assert [by_id[r["id"]] for r in together] == together


def test_headings_sum_their_subheadings(tiny_model: ListingClassifier) -> None:
    for result in tiny_model.predict(listings()):
        hs = result["hs"]
        for heading in hs["headings"]:
            known = sum(c["score"] for c in hs["candidates"] if c["code"].startswith(heading["code"]))
            assert heading["score"] >= known - 1e-5
        assert len(hs["candidates"]) == len(hs["headings"]) == len(hs["chapters"]) == 5
        assert 1 <= len(hs["set"]) <= 20


def test_vague_texts_get_no_code(tiny_model: ListingClassifier) -> None:
    result = tiny_model.predict([Listing(id="1", title="custom order kak")])[0]
    assert result["hs"]["code"] is None
    assert result["hs"]["level"] is None
    assert "000000" not in [c["code"] for c in result["hs"]["candidates"]]


def test_evidence_points_into_the_title(tiny_model: ListingClassifier) -> None:
    title = "Promo H1J4B segiempat premium"
    result = tiny_model.predict([Listing(id="1", title=title, cross_border=True)])[0]
    spans = [span for found in result["facts"]["evidence"].values() for span in found]
    assert spans
    assert all(title[s["start"] : s["end"]] == s["text"] for s in spans if s["field"] == "title")
    explained = tiny_model.explain(Listing(id="1", title=title), "621430")
    assert len(explained["like"]) == 2


def test_declared_codes_are_compared(tiny_model: ListingClassifier) -> None:
    wrong = Listing(id="1", title="kopi bubuk arabika", declared_hs="85394900")
    right = Listing(id="1", title="kopi bubuk arabika", declared_hs="0901")
    assert any("declared_hs" in w for w in tiny_model.predict([wrong])[0]["warnings"])
    assert tiny_model.predict([right])[0]["warnings"] == []


@pytest.mark.parametrize(
    ("fields", "basis"),
    [
        ({}, "predicted"),
        ({"declared_origin": "ID"}, "declared"),
        ({"title": "softcase import china asli", "declared_origin": "ID"}, "conflict"),
    ],
)
def test_origin_says_where_it_comes_from(tiny_model: ListingClassifier, fields: dict[str, str], basis: str) -> None:
    listing = Listing(**{"id": "1", "title": "kopi bubuk arabika"} | fields)
    assert tiny_model.predict([listing])[0]["origin"]["basis"] == basis
