"""The listing's rules."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from data.listing import Listing, faults, from_row

GOOD = {"id": "A-1", "title": "Kopi gayo"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": "x" * 129}, "id"),
        ({"id": 5}, "id"),
        ({"title": "  "}, "title"),
        ({"title": "x" * 501}, "title"),
        ({"description": "x" * 20_001}, "description"),
        ({"category": "x" * 501}, "category"),
        ({"brand": "x" * 201}, "brand"),
        ({"attributes": {"a": 1}}, "attributes.a"),
        ({"price": -1.0}, "price"),
        ({"price": float("nan")}, "price"),
        ({"price": "12"}, "price"),
        ({"currency": "rp"}, "currency"),
        ({"ship_from": "China"}, "ship_from"),
        ({"ship_from": "ZZ"}, "ship_from"),
        ({"cross_border": "yes"}, "cross_border"),
        ({"declared_hs": "12.34"}, "declared_hs"),
        ({"declared_hs": "123"}, "declared_hs"),
        ({"colour": "red"}, "colour"),
        ({"title": "\ud800"}, "title"),
        ({"attributes": {"\ud800": "katun"}}, "attributes"),
        ({"attributes": {"Bahan": "katun \udfff"}}, "attributes"),
        ({"attributes": [["Bahan", "katun"]]}, "attributes"),
        ({"price": 10**400}, "price"),
    ],
)
def test_a_broken_rule_names_its_field(change: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as error:
        Listing.model_validate(GOOD | change)
    assert [fault.field for fault in faults(error.value)] == [field]


def test_the_title_is_trimmed_and_whole_prices_are_fine() -> None:
    listing = Listing.model_validate(GOOD | {"title": "  " + "x" * 500 + "  ", "price": 5})
    assert len(listing.title) == 500
    assert listing.price == 5.0


@pytest.mark.parametrize(
    ("fields", "crosses"),
    [
        ({}, None),
        ({"ship_from": "ID"}, False),
        ({"ship_from": "CN"}, True),
        ({"ship_from": "CN", "cross_border": False}, False),
    ],
)
def test_crossing_the_border(fields: dict[str, Any], crosses: bool | None) -> None:
    assert Listing.model_validate(GOOD | fields).crosses_border is crosses


def test_rows_of_files() -> None:
    row = {
        **GOOD,
        "price": "12.5",
        "cross_border": "True",
        "attributes": '{"Bahan": "katun"}',
        "brand": "",
        "note": "x",
    }
    listing = from_row(row)
    assert (listing.price, listing.cross_border, listing.attributes, listing.brand) == (
        12.5,
        True,
        {"Bahan": "katun"},
        None,
    )


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ({"price": "murah"}, "price"),
        ({"price": "1_000"}, "price"),
        ({"price": "nan"}, "price"),
        ({"price": 10**400}, "price"),
        ({"attributes": "katun"}, "attributes: not a JSON object"),
        ({"attributes": "[" * 100_000}, "attributes: not a JSON object"),
        ({"attributes": '{"Bahan": "\\ud800"}'}, "attributes\n.*half a surrogate pair"),
        ({"attributes": [["Bahan", "katun"]]}, "attributes"),
    ],
)
def test_cells_that_are_no_value_of_their_field(cell: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        from_row({**GOOD, **cell})
