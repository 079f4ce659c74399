"""The pages of the console."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any

import orjson
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from data.listing import Fault, Listing, faults, from_row
from serving.clock import read_day, today
from serving.console.examples import EXAMPLES
from serving.console.forms import read_form
from serving.console.login import login_routes
from serving.console.render import HERE, page
from serving.console.views import result_view, row_view
from serving.errors import ApiError, not_ready
from serving.gate import gate_of
from serving.store import StoreDown

PAGE = 50
KINDS = ("review", "reject", "approve")


def console_routes() -> list[BaseRoute]:
    """The routes below ``/ui``."""
    return [
        Route("/", _try_page),
        Route("/", _try_listing, methods=["POST"]),
        Route("/decisions", _decisions),
        Route("/decisions/{seq:int}", _decision),
        Route("/rules", _rules),
        Route("/model", _model),
        *login_routes(),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]


async def _try_page(request: Request) -> Response:
    number = request.query_params.get("example", "")
    known = number.isascii() and number.isdigit() and int(number[:3]) < len(EXAMPLES)
    form = EXAMPLES[int(number[:3])] if known else {}
    return page(request, "try.html", form=form, faults=[], examples=EXAMPLES)


async def _try_listing(request: Request) -> Response:
    form = await read_form(request)
    gate = gate_of(request)
    listing, day, found = _read_form(form)
    view = None
    if listing is not None and day is not None:
        result = await asyncio.to_thread(gate.try_out, listing, day)
        view = result_view(listing.model_dump(exclude_none=True), result)
    return page(request, "try.html", form=form, faults=found, examples=EXAMPLES, view=view)


def _read_form(form: dict[str, str]) -> tuple[Listing | None, date | None, list[Fault]]:
    found: list[Fault] = []
    listing = day = None
    try:
        listing = from_row({**form, "id": "console"})
    except ValidationError as error:
        found += faults(error)
    except ValueError as error:
        field, _, message = str(error).partition(": ")
        found.append(Fault(field=field, message=message))
    try:
        day = read_day(form.get("as_of") or None)
    except ValueError as error:
        found.append(Fault(field="as_of", message=str(error)))
    return listing, day, found


async def _decisions(request: Request) -> Response:
    kind = request.query_params.get("decision")
    kind = kind if kind in KINDS else None
    before = request.query_params.get("before", "")
    start = int(before) if before.isascii() and before.isdigit() and len(before) < 16 else None
    store = gate_of(request).store
    rows = await _stored(lambda: store.latest(kind, PAGE, start))
    counts = await _stored(store.counts)
    lines = [{**row, **row_view(orjson.loads(row["listing"]), orjson.loads(row["result"]))} for row in rows]
    older = rows[-1]["seq"] if len(rows) == PAGE else None
    return page(request, "decisions.html", lines=lines, kind=kind, kinds=KINDS, counts=counts, older=older)


async def _decision(request: Request) -> Response:
    store = gate_of(request).store
    row = await _stored(lambda: store.find(min(request.path_params["seq"], 2**62)))
    if row is None:
        raise ApiError(404)
    view = result_view(orjson.loads(row["listing"]), orjson.loads(row["result"]))
    return page(request, "decision.html", row=row, view=view)


async def _rules(request: Request) -> Response:
    try:
        day = read_day(request.query_params.get("as_of") or None)
    except ValueError:
        day = today()
    return page(request, "rules.html", policy=gate_of(request).rules(day))


async def _model(request: Request) -> Response:
    model = gate_of(request).classifier
    return page(request, "model.html", version=model.version, card=model.card)


async def _stored(read: Callable[[], Any]) -> Any:
    call: Awaitable[Any] = asyncio.to_thread(read)
    try:
        return await call
    except StoreDown:
        raise not_ready("the store cannot be read now") from None
