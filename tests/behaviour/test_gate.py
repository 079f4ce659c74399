"""What a moderator would check, on the bundle that ships and the rules in force."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from data.listing import Listing
from data.policy import load_policy
from models.bundle import DEFAULT_BUNDLE, load_bundle
from models.classifier import ListingClassifier
from serving.decision import apply_policy
from tests.behaviour.titles import FLAGGED, HARD_NEGATIVES, ORDINARY
from training.synthesis import DISGUISES

AS_OF = date(2026, 11, 25)
HIDING = ("leet", "space_out", "homoglyphs", "zero_width", "stretch", "emoji")


@pytest.fixture(scope="module")
def model() -> ListingClassifier:
    return load_bundle(DEFAULT_BUNDLE)


def clusters(model: ListingClassifier, titles: list[str]) -> list[set[str]]:
    results = model.predict([Listing(id=str(i), title=t) for i, t in enumerate(titles)], facts=False)
    return [{c["name"] for c in result["clusters"]} for result in results]


def decide(model: ListingClassifier, **fields: object) -> dict:  # type: ignore[type-arg]
    listing = Listing.model_validate({"id": "1", **fields})
    return apply_policy(model.predict([listing])[0], load_policy(), AS_OF)


def test_restricted_articles_are_found(model: ListingClassifier) -> None:
    found = clusters(model, [title for title, _ in FLAGGED])
    assert np.mean([name in names for (_, name), names in zip(FLAGGED, found, strict=True)]) >= 0.95


def test_articles_that_only_share_the_word_are_left_alone(model: ListingClassifier) -> None:
    found = clusters(model, list(HARD_NEGATIVES))
    flagged = [title for title, names in zip(HARD_NEGATIVES, found, strict=True) if names]
    assert len(flagged) <= 0.05 * len(HARD_NEGATIVES), flagged


def test_hiding_a_word_does_not_help(model: ListingClassifier) -> None:
    rng = np.random.default_rng(0)
    plain = clusters(model, [title for title, _ in FLAGGED])
    flagged = [title.lower() for (title, name), names in zip(FLAGGED, plain, strict=True) if name in names]
    hidden = [DISGUISES[kind](title, rng) for title in flagged for kind in HIDING]
    assert np.mean([bool(names) for names in clusters(model, hidden)]) >= 0.95


def test_ordinary_listings_written_the_same_way_stay_ordinary(model: ListingClassifier) -> None:
    rng = np.random.default_rng(0)
    before = clusters(model, list(ORDINARY))
    for kind in HIDING:
        after = clusters(model, [DISGUISES[kind](title.lower(), rng) for title in ORDINARY])
        assert np.mean([bool(a) and not b for a, b in zip(after, before, strict=True)]) <= 0.02, kind


def test_ordinary_listings_are_approved(model: ListingClassifier) -> None:
    decisions = [decide(model, title=title)["decision"] for title in ORDINARY]
    assert np.mean([d == "approve" for d in decisions]) >= 0.95


@pytest.mark.parametrize(
    ("fields", "decision", "rule"),
    [
        ({"title": "Pashmina ceruty jilbab segi empat", "ship_from": "CN"}, "reject", "platform-2021/hijab"),
        ({"title": "H1J4B instan bergo", "cross_border": True}, "reject", "platform-2021/hijab"),
        ({"title": "Gamis syari set khimar", "ship_from": "CN"}, "reject", "platform-2021/muslim_dress"),
        ({"title": "Kain batik cap motif parang", "ship_from": "MY"}, "reject", "platform-2021/batik"),
        (
            {"title": "Bluetooth earphone TWS", "ship_from": "CN", "price": 9.5, "currency": "USD"},
            "reject",
            "permendag-31-2023/floor",
        ),
        ({"title": "Baju bekas thrift branded 1 bal", "ship_from": "KR"}, "reject", "prohibited-2025/used-clothing"),
    ],
)
def test_must_flag(model: ListingClassifier, fields: dict[str, object], decision: str, rule: str) -> None:
    result = decide(model, **fields)
    assert result["decision"] == decision
    flag = next(flag for flag in result["flags"] if flag["rule"] == rule)
    assert flag["legal_basis"]
    assert flag["reason"]["id"]
    assert flag["reason"]["en"]
    title = str(fields["title"])
    assert all(title[e["start"] : e["end"]] == e["text"] for e in flag["evidence"] if e["field"] == "title")


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Hijab voal premium", "ship_from": "ID", "declared_origin": "ID"},
        {"title": "Kain batik tulis Pekalongan", "ship_from": "ID", "declared_origin": "ID"},
        {"title": "Keripik tempe khas Malang 250 gr", "ship_from": "ID"},
        {"title": "Rak jilbab 5 susun"},
        {"title": "Kampas rem vario 125"},
        {"title": "English picture book for children", "ship_from": "SG", "price": 7.0, "currency": "USD"},
    ],
)
def test_must_pass(model: ListingClassifier, fields: dict[str, object]) -> None:
    assert not [f for f in decide(model, **fields)["flags"] if f["action"] == "reject"]


def test_case_and_decoration_do_not_matter(model: ListingClassifier) -> None:
    plain, loud = clusters(model, ["gamis polos busui", "🔥 GAMIS POLOS BUSUI 🔥"])
    assert plain == loud


def test_where_a_parcel_starts_is_the_difference(model: ListingClassifier) -> None:
    title = "Mukena katun bordir dewasa"
    abroad, home = decide(model, title=title, ship_from="CN"), decide(model, title=title, ship_from="ID")
    assert abroad["decision"] == "reject"
    assert home["decision"] == "approve"


@pytest.mark.parametrize("title", ["paket a kak", "custom order", "barang sesuai chat", "pesanan kak rina"])
def test_the_model_abstains_on_texts_that_name_no_goods(model: ListingClassifier, title: str) -> None:
    assert model.predict([Listing(id="1", title=title)])[0]["hs"]["code"] is None
