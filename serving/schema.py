"""The shapes of requests."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from data.clusters import CLUSTERS
from data.countries import ISO_COUNTRIES, UNKNOWN_ABROAD
from data.hs import load_nomenclature
from data.listing import Listing
from serving.clock import read_day
from serving.settings import MAX_LISTINGS

HS_CODE = re.compile(r"\d{2}|\d{4}|\d{6}|\d{8}")


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class ClassifyRequest(_Request):
    """``POST /v1/classify``."""

    listings: Annotated[list[Listing], Field(min_length=1, max_length=MAX_LISTINGS, description="1 to 256 listings")]


class ModerateRequest(ClassifyRequest):
    """``POST /v1/moderate``."""

    as_of: str | None = Field(
        default=None,
        description="YYYY-MM-DD: the day whose rules count; absent: today in Asia/Jakarta",
        json_schema_extra={"format": "date"},
    )

    @field_validator("as_of")
    @classmethod
    def _is_a_day(cls, value: str | None) -> str | None:
        if value is not None:
            read_day(value)
        return value

    @property
    def day(self) -> date:
        """``as_of`` as a date; today where it is absent."""
        return read_day(self.as_of)


class FeedbackRequest(_Request):
    """``POST /v1/feedback``: a moderator's verdict on a listing, with what was wrong."""

    id: Annotated[str, Field(min_length=1, max_length=128)]
    verdict: Literal["approve", "reject"]
    hs: str | None = Field(
        default=None, description="the right code, 2, 4, 6 or 8 digits of HS 2022", examples=["6214"]
    )
    clusters: list[str] | None = Field(default=None, max_length=len(CLUSTERS), description="all clusters that hold")
    origin: str | None = Field(default=None, description="ISO 3166-1 alpha-2, or XX: abroad, unknown where")
    note: str | None = Field(default=None, max_length=2000)

    @field_validator("hs")
    @classmethod
    def _known_code(cls, value: str | None) -> str | None:
        if value is not None and not (
            HS_CODE.fullmatch(value) and value.isascii() and value[:6] in load_nomenclature()
        ):
            raise ValueError("is no code of the Harmonized System with 2, 4, 6 or 8 digits")
        return value

    @field_validator("clusters")
    @classmethod
    def _known_clusters(cls, value: list[str] | None) -> list[str] | None:
        if value is not None and set(value) - set(CLUSTERS):
            raise ValueError(f"names a cluster that does not exist; known are {', '.join(CLUSTERS)}")
        return value

    @field_validator("origin")
    @classmethod
    def _known_country(cls, value: str | None) -> str | None:
        if value is not None and value not in ISO_COUNTRIES and value != UNKNOWN_ABROAD:
            raise ValueError("is neither an ISO 3166-1 alpha-2 country code nor XX")
        return value
