"""The pages of the console."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from data.listing import Fault, Listing, faults, from_row
from serving.body import FORM, read_body
from serving.console.examples import EXAMPLES
from serving.console.texts import LANGUAGES, texts
from serving.console.views import result_view, row_view
from serving.errors import ApiError, not_ready
from serving.gate import gate_of
from serving.schema import read_day
from serving.store import StoreDown

HERE = Path(__file__).parent
PAGE = 50
MOST_FIELDS = 40
KINDS = ("review", "reject", "approve")
pages = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def console_routes() -> list[BaseRoute]:
    """The routes below ``/ui``."""
    return [
        Route("/", _try_page),
        Route("/", _try_listing, methods=["POST"]),
        Route("/decisions", _decisions),
        Route("/decisions/{seq:int}", _decision),
        Route("/rules", _rules),
        Route("/model", _model),
        Mount("/static", StaticFiles(directory=HERE / "static")),
    ]


async def _try_page(request: Request) -> Response:
    number = request.query_params.get("example", "")
    known = number.isascii() and number.isdigit() and int(number[:3]) < len(EXAMPLES)
    form = EXAMPLES[int(number[:3])] if known else {}
    return _page(request, "try.html", form=form, faults=[], examples=EXAMPLES)


async def _try_listing(request: Request) -> Response:
    body = await read_body(request, FORM)
    try:
        form = dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS))
    except ValueError:
        raise ApiError(422, message="the form has too many fields") from None
    gate = gate_of(request)
    listing, day, found = _read_form(form)
    view = None
    if listing is not None and day is not None:
        result = await asyncio.to_thread(gate.try_out, listing, day)
        view = result_view(listing.model_dump(exclude_none=True), result)
    return _page(request, "try.html", form=form, faults=found, examples=EXAMPLES, view=view)


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
    return _page(request, "decisions.html", lines=lines, kind=kind, kinds=KINDS, counts=counts, older=older)


async def _decision(request: Request) -> Response:
    store = gate_of(request).store
    row = await _stored(lambda: store.find(min(request.path_params["seq"], 2**62)))
    if row is None:
        raise ApiError(404)
    view = result_view(orjson.loads(row["listing"]), orjson.loads(row["result"]))
    return _page(request, "decision.html", row=row, view=view)


async def _rules(request: Request) -> Response:
    try:
        day = read_day(request.query_params.get("as_of") or None)
    except ValueError:
        day = date.today()
    return _page(request, "rules.html", policy=gate_of(request).rules(day))


async def _model(request: Request) -> Response:
    model = gate_of(request).classifier
    return _page(request, "model.html", version=model.version, card=model.card)


async def _stored(read: Callable[[], Any]) -> Any:
    call: Awaitable[Any] = asyncio.to_thread(read)
    try:
        return await call
    except StoreDown:
        raise not_ready("the store cannot be read now") from None


def _page(request: Request, template: str, **values: Any) -> Response:
    language = request.query_params.get("lang")
    language = language if language in LANGUAGES else LANGUAGES[0]
    kept = {name: value for name, value in request.query_params.items() if name != "lang"}
    other = LANGUAGES[1 - LANGUAGES.index(language)]
    values = {"view": None, "faults": [], "as_of": date.today().isoformat(), **values}
    html = pages.get_template(template).render(
        lang=language,
        t=texts(language),
        here=request.url.path,
        query="" if language == LANGUAGES[0] else f"lang={language}",
        other_link="?" + urlencode({**kept, "lang": other}),
        other=other,
        **values,
    )
    return HTMLResponse(html)
