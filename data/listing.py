"""The listing: one shape and one set of rules for the API and for files."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator

from data.countries import HOME, ISO_COUNTRIES

Trimmed = StringConstraints(strip_whitespace=True, min_length=1, max_length=500)
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
NUMBER_FIELDS = ("price",)
NO_TEXT = "holds half a surrogate pair, which is no text"


class Listing(BaseModel):
    """A seller's listing as it is submitted.

    Only ``id`` and ``title`` are required. Types are strict: a number given as text, or the other
    way round, is a fault of the sender and is named as one.

    Raises
    ------
    pydantic.ValidationError
        Where a field breaks its rule; :func:`faults` turns it into field and message.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: Annotated[str, StringConstraints(min_length=1, max_length=128)]
    title: Annotated[str, Trimmed]
    description: str | None = Field(default=None, max_length=20_000)
    category: str | None = Field(default=None, max_length=500)
    brand: str | None = Field(default=None, max_length=200)
    attributes: dict[str, str] | None = None
    price: float | None = Field(default=None, ge=0, allow_inf_nan=False)
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] | None = None
    ship_from: Country | None = None
    cross_border: bool | None = None
    declared_origin: Country | None = None
    declared_hs: Annotated[str, StringConstraints(pattern=r"^[0-9]{4,10}$")] | None = None

    @field_validator("ship_from", "declared_origin")
    @classmethod
    def _known_country(cls, value: str | None) -> str | None:
        if value is not None and value not in ISO_COUNTRIES:
            raise ValueError(f"{value!r} is not an ISO 3166-1 alpha-2 country code")
        return value

    @field_validator("attributes")
    @classmethod
    def _is_unicode(cls, value: dict[str, str] | None) -> dict[str, str] | None:
        for pair in (value or {}).items():  # plain texts are taken as they come; those with a limit are looked at
            try:
                "".join(pair).encode()
            except UnicodeEncodeError:
                raise ValueError(NO_TEXT) from None
        return value

    @property
    def crosses_border(self) -> bool | None:
        """Whether the parcel starts abroad: ``cross_border``, else from ``ship_from``, else unknown."""
        if self.cross_border is not None:
            return self.cross_border
        return None if self.ship_from is None else self.ship_from != HOME

    @property
    def price_currency(self) -> str:
        """The currency of ``price``; rupiah where the listing names none."""
        return self.currency or "IDR"


FIELDS: tuple[str, ...] = tuple(Listing.model_fields)


class Fault(BaseModel):
    """One broken rule: the field and what is wrong with it."""

    model_config = ConfigDict(frozen=True)

    field: str
    message: str


def faults(error: ValidationError) -> list[Fault]:
    """What a validation error says, one fault a field, without the input's own text."""
    found = []
    for item in error.errors(include_url=False, include_input=False):
        field = ".".join(str(part) for part in item["loc"]) or "listing"
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "extra_forbidden":
            message = "unknown field"
        elif item["type"] == "missing":
            message = "is required"
        elif item["type"] == "string_unicode":
            message = NO_TEXT
        found.append(Fault(field=field, message=message))
    return found


def from_row(row: Mapping[str, Any]) -> Listing:
    """A listing from a row of a file, where cells may be text and empty cells mean "not given".

    Columns that are no listing fields are ignored.

    Raises
    ------
    pydantic.ValidationError, ValueError
        Where a cell breaks its field's rule.
    """
    values = {name: row[name] for name in FIELDS if name in row and not _is_empty(row[name])}
    for name in NUMBER_FIELDS:
        if isinstance(values.get(name), str):
            values[name] = _number(name, values[name])
    if isinstance(values.get("cross_border"), str):
        values["cross_border"] = _boolean("cross_border", values["cross_border"])
    if isinstance(values.get("attributes"), str):
        values["attributes"] = _mapping("attributes", values["attributes"])
    return Listing.model_validate(values)


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or (isinstance(value, float) and math.isnan(value))


def _number(name: str, text: str) -> float:
    try:
        return float(text.replace("_", "?"))  # Python reads 1_000, nobody else does
    except ValueError:
        raise ValueError(f"{name}: {text[:40]!r} is not a number") from None


def _boolean(name: str, text: str) -> bool:
    known = {"true": True, "false": False}
    if text.strip().lower() not in known:
        raise ValueError(f"{name}: {text[:40]!r} is neither true nor false")
    return known[text.strip().lower()]


def _mapping(name: str, text: str) -> dict[str, str]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"{name}: not a JSON object") from None
    if not isinstance(value, dict):
        raise ValueError(f"{name}: not a JSON object")
    return value
