"""Making a page from its template: language, links, who is logged in."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from serving.clock import today
from serving.console.forms import form_token
from serving.console.texts import LANGUAGES, texts

HERE = Path(__file__).parent
pages = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(request: Request, template: str, **values: Any) -> Response:
    """A page in the language that the query asks for."""
    language = request.query_params.get("lang")
    language = language if language in LANGUAGES else LANGUAGES[0]
    kept = {name: value for name, value in request.query_params.items() if name != "lang"}
    other = LANGUAGES[1 - LANGUAGES.index(language)]
    access, caller = getattr(request.state, "access", None), getattr(request.state, "caller", None)
    values = {"view": None, "faults": [], "as_of": today().isoformat(), **values}
    html = pages.get_template(template).render(
        lang=language,
        t=texts(language),
        here=request.url.path,
        query="" if language == LANGUAGES[0] else f"lang={language}",
        other_link="?" + urlencode({**kept, "lang": other}),
        other=other,
        caller=caller,
        closed=access is not None and access.keys is not None and caller is None,
        csrf=form_token(request) or "",
        **values,
    )
    return HTMLResponse(html)
