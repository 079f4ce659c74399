"""What the pages show of a listing and its result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from data.hs import load_nomenclature
from serving.console.marking import marked

TEXT_FIELDS = ("title", "description", "category", "brand")
LEVELS = {2: "chapter", 4: "heading", 6: "subheading"}


def result_view(listing: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
    """A result with names, shares and marked texts, ready for the template."""
    explained = result.get("explained") or {"evidence": [], "like": []}
    hs = result["hs"]
    return {
        "result": result,
        "path": _path(hs),
        "others": [_named(row) for row in hs["candidates"][1:]],
        "set": [_named({"code": code}) for code in hs["set"]],
        "like": explained["like"],
        "texts": _texts(listing, result, explained),
        "facts": {name: _shown(value) for name, value in listing.items() if name not in TEXT_FIELDS and name != "id"},
    }


def row_view(listing: Mapping[str, Any], result: Mapping[str, Any]) -> dict[str, Any]:
    """What a line of the list of decisions shows."""
    code = result["hs"]["code"]
    return {
        "title": listing["title"],
        "hs": _named({"code": code}) if code else None,
        "imported": result["origin"]["imported"],
        "clusters": [cluster["name"] for cluster in result["clusters"]],
        "rules": [flag["rule"] for flag in result["flags"]],
    }


def _path(hs: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Chapter, heading and subheading of the best candidate under the answer; the answer is marked."""
    answer = hs["code"] or ""
    under = [row["code"] for row in hs["candidates"] if row["code"].startswith(answer)]
    deepest = under[0] if under else answer
    scores = {row["code"]: row["score"] for name in ("chapters", "headings", "candidates") for row in hs[name]}
    return [
        {
            **_named({"code": deepest[:digits], "score": scores.get(deepest[:digits])}),
            "level": level,
            "answer": deepest[:digits] == answer,
        }
        for digits, level in LEVELS.items()
        if len(deepest) >= digits
    ]


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {text}" for name, text in value.items())
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:.15g}" if isinstance(value, float) else str(value)


def _named(row: Mapping[str, Any]) -> dict[str, Any]:
    names = load_nomenclature()
    return {**row, "names": {language: names.name(row["code"], language) for language in ("id", "en")}}


def _texts(
    listing: Mapping[str, Any], result: Mapping[str, Any], explained: Mapping[str, Any]
) -> list[tuple[str, list[tuple[str, str]]]]:
    spans = [("flag", span) for flag in result["flags"] for span in flag["evidence"]]
    spans += [("hs", span) for span in explained["evidence"]]
    return [(field, marked(str(listing[field]), _within(field, spans))) for field in TEXT_FIELDS if listing.get(field)]


def _within(field: str, spans: Iterable[tuple[str, Any]]) -> list[tuple[str, Any]]:
    return [(kind, span) for kind, span in spans if span["field"] == field]
