"""``/docs.json``: the OpenAPI document of our calls, made from the same models that check requests."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic.json_schema import models_json_schema

from data.clusters import CLUSTERS
from data.countries import ISO_COUNTRIES, UNKNOWN_ABROAD
from data.hs import load_nomenclature
from serving.openapi_answers import REF, answer, error, ref, result
from serving.schema import ClassifyRequest, FeedbackRequest, ModerateRequest

ERRORS = {
    "400": "not JSON in UTF-8", "401": "no key, or one that is not known",
    "403": "the role is too low, or a page of another site calls", "408": "the body took too long",
    "413": "body over 8 MiB", "415": "not application/json", "422": "a rule is broken; every fault is named",
    "429": "the key calls too often; see Retry-After",
    "500": "a fault of ours", "503": "not ready, overloaded, or the store is down",
}  # fmt: skip
DIGITS = "^([0-9]{6}|[0-9]{8})$"
PROBES = ("livez", "readyz", "metrics")


@cache
def openapi_document() -> dict[str, Any]:
    """The document, OpenAPI 3.1."""
    shapes = [(shape, "validation") for shape in (ModerateRequest, ClassifyRequest, FeedbackRequest)]
    _, schema = models_json_schema(shapes, ref_template=REF)  # type: ignore[arg-type]
    _narrow(schema["$defs"])
    answers = {
        "Result": result(),
        "Moderated": answer("model_version", "policy_version", "as_of"),
        "Classified": answer("model_version"),
        "Error": error(),
    }
    day = {"name": "as_of", "in": "query", "required": False, "schema": {"type": "string", "format": "date"}}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pabean ListingGate", "version": "1", "description": "Restricted-goods check for listings."},
        "servers": [{"url": "."}],
        "paths": {
            "/v1/moderate": {"post": _post("Decide on listings", "ModerateRequest", "Moderated")},
            "/v1/classify": {"post": _post("Classify listings, without a policy", "ClassifyRequest", "Classified")},
            "/v1/feedback": {"post": _post("Keep a moderator's verdict", "FeedbackRequest", None)},
            "/v1/model": {"get": _get("The model card")},
            "/v1/policy": {"get": {**_get("The rules in force on a day", "422"), "parameters": [day]}},
            **{
                f"/{name}": {"get": {"summary": name, "responses": {"200": {"description": "fine"}}}} for name in PROBES
            },
        },
        "security": [{"key": []}, {}],
        "components": {
            "schemas": {**schema["$defs"], **answers},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "needed where there are keys"}
            },
        },
    }


def _narrow(shapes: dict[str, Any]) -> None:
    """Says in the document what the models check in code."""
    listing, feedback = shapes["Listing"]["properties"], shapes["FeedbackRequest"]["properties"]
    countries = sorted(ISO_COUNTRIES)
    for name in ("ship_from", "declared_origin"):
        listing[name]["anyOf"] = [{"enum": countries}, {"type": "null"}]
    listing["title"]["pattern"] = r"\S"
    feedback["origin"]["anyOf"] = [{"enum": [*countries, UNKNOWN_ABROAD]}, {"type": "null"}]
    feedback["clusters"]["anyOf"] = [{"type": "array", "items": {"enum": list(CLUSTERS)}}, {"type": "null"}]
    codes = [code for code in load_nomenclature().english if len(code) in (2, 4)]
    feedback["hs"]["anyOf"] = [
        {"enum": codes},
        {"type": "string", "pattern": "^([0-9]{6}|[0-9]{8})$"},
        {"type": "null"},
    ]


def _post(summary: str, asked: str, answered: str | None) -> dict[str, Any]:
    return {
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref(asked)}}},
        "responses": {
            "200": _described("answer", ref(answered) if answered else {"type": "object"}),
            **_faults(*ERRORS),
        },
    }


def _get(summary: str, *statuses: str) -> dict[str, Any]:
    return {
        "summary": summary,
        "responses": {
            "200": _described("answer", {"type": "object"}),
            **_faults("401", "403", *statuses, "429", "500", "503"),
        },
    }


def _faults(*statuses: str) -> dict[str, Any]:
    return {status: _described(ERRORS[status], ref("Error")) for status in statuses}


def _described(text: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": text, "content": {"application/json": {"schema": schema}}}
