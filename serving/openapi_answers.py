"""The shapes of answers, for the OpenAPI document."""

from __future__ import annotations

from typing import Any

REF = "#/components/schemas/{model}"
SCORED = {
    "type": "object",
    "required": ["code", "score"],
    "properties": {"code": {"type": "string"}, "score": {"type": "number"}},
}
BILINGUAL = {"type": "object", "properties": {"id": {"type": "string"}, "en": {"type": "string"}}}


def ref(name: str) -> dict[str, str]:
    """A reference to a shape of the document."""
    return {"$ref": REF.format(model=name)}


def answer(*head: str) -> dict[str, Any]:
    """An answer with results, after the text fields of ``head``."""
    properties: dict[str, Any] = {name: {"type": "string"} for name in head}
    properties["results"] = {"type": "array", "items": ref("Result")}
    return {"type": "object", "required": [*properties], "properties": properties}


def result() -> dict[str, Any]:
    """The contract's result object."""
    scored = {"type": "array", "items": SCORED}
    hs = {
        "code": {"type": ["string", "null"]}, "level": {"enum": ["chapter", "heading", "subheading", None]},
        "confidence": {"type": ["number", "null"]}, "candidates": scored, "headings": scored, "chapters": scored,
        "set": {"type": "array", "items": {"type": "string"}},
    }  # fmt: skip
    origin = {
        "imported": {"type": "number"}, "country": {"type": ["string", "null"]}, "countries": scored,
        "basis": {"enum": ["predicted", "declared", "conflict"]},
    }  # fmt: skip
    flag = {
        "rule": {"type": "string"}, "action": {"enum": ["review", "reject"]}, "score": {"type": "number"},
        "threshold": {"type": "number"}, "legal_basis": {"type": "string"}, "reason": BILINGUAL,
        "documents": {"type": "array", "items": {"type": "string"}}, "evidence": {"type": "array"},
    }  # fmt: skip
    return {
        "type": "object",
        "required": ["id", "hs", "clusters", "origin", "warnings"],
        "properties": {
            "id": {"type": "string"},
            "decision": {"enum": ["approve", "review", "reject"]},
            "hs": {"type": "object", "properties": hs},
            "clusters": {"type": "array", "items": {"type": "object"}},
            "origin": {"type": "object", "properties": origin},
            "flags": {"type": "array", "items": {"type": "object", "properties": flag}},
            "warnings": {"type": "array", "items": {"type": "string"}},
        },
    }


def error() -> dict[str, Any]:
    """The contract's error."""
    fault = {"index": {"type": ["integer", "null"]}, "field": {"type": "string"}, "message": {"type": "string"}}
    content = {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "details": {"type": "array", "items": {"type": "object", "properties": fault}},
    }
    body = {"type": "object", "required": [*content], "properties": content}
    return {"type": "object", "required": ["error"], "properties": {"error": body}}
