"""The calls as a Starlette application, mounted into the BentoML service."""

from __future__ import annotations

from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Mount, Route

from serving.body import read_json
from serving.clock import read_day
from serving.console import console_routes
from serving.errors import ApiError, answer_api_error, detail
from serving.gate import Gate, gate_of
from serving.openapi import openapi_document
from serving.requests import read_request
from serving.schema import ClassifyRequest, FeedbackRequest, ModerateRequest


def create_app(gate: Gate | None = None) -> Starlette:
    """The application; ``app.state.gate`` may be set later, and until then the calls answer 503."""
    app = Starlette(
        routes=[
            Route("/", _home),
            Route("/v1/moderate", _moderate, methods=["POST"]),
            Route("/v1/classify", _classify, methods=["POST"]),
            Route("/v1/feedback", _feedback, methods=["POST"]),
            Route("/v1/model", _model),
            Route("/v1/policy", _policy),
            Route("/docs.json", _docs),
            Mount("/ui", routes=console_routes()),
        ],
        exception_handlers={ApiError: answer_api_error},
    )
    app.state.gate = gate
    return app


async def _moderate(request: Request) -> Response:
    asked = read_request(ModerateRequest, await read_json(request))
    return _json(await gate_of(request).moderate(asked.listings, asked.day, request.state.request_id))


async def _classify(request: Request) -> Response:
    asked = read_request(ClassifyRequest, await read_json(request))
    return _json(await gate_of(request).classify(asked.listings))


async def _feedback(request: Request) -> Response:
    asked = read_request(FeedbackRequest, await read_json(request))
    return _json(await gate_of(request).keep_feedback(asked, request.state.request_id))


async def _model(request: Request) -> Response:
    model = gate_of(request).classifier
    return _json({"model_version": model.version, **model.card})


async def _policy(request: Request) -> Response:
    if unknown := [name for name in request.query_params if name != "as_of"]:
        raise ApiError(422, message="unknown parameter", details=[detail(name, "unknown field") for name in unknown])
    try:
        as_of = read_day(request.query_params.get("as_of"))
    except ValueError as error:
        raise ApiError(422, message=f"as_of: {error}", details=[detail("as_of", str(error))]) from None
    rules = gate_of(request).rules(as_of)
    return _json({"policy_version": rules["version"], **rules})


async def _docs(request: Request) -> Response:
    return _json(openapi_document())


async def _home(request: Request) -> Response:
    return RedirectResponse("/ui/")


def _json(value: Any) -> Response:
    return Response(value if isinstance(value, bytes) else orjson.dumps(value), media_type="application/json")
