"""Logging in to the console with a key, and out again."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from serving.console.forms import read_form
from serving.console.render import page
from serving.keys.access import LOGIN, Access
from serving.keys.records import Role
from serving.keys.sessions import COOKIE, LOGIN_COOKIE, SESSION_SECONDS

HOME = "/ui/"
NEXT = re.compile(r"/ui/[a-z0-9/-]*(\?[A-Za-z0-9_=&-]*)?")
"""Where a log-in may lead: pages of the console, never another site."""


def login_routes() -> list[BaseRoute]:
    """Log-in and log-out, below ``/ui``."""
    return [
        Route("/login", _form),
        Route("/login", _log_in, methods=["POST"]),
        Route("/logout", _log_out, methods=["POST"]),
    ]


async def _form(request: Request) -> Response:
    access = _access(request)
    return _ask(request, access) if access else RedirectResponse(HOME, 303)


async def _log_in(request: Request) -> Response:
    access = _access(request)
    if access is None or access.keys is None:
        return RedirectResponse(HOME, 303)
    form = await read_form(request)
    record = access.keys.find(form.get("key", "").strip())
    if record is None or record.role < Role.moderate:
        return _ask(request, access, "login_unknown" if record is None else "login_role")
    asked = request.query_params.get("next", "")
    answer = RedirectResponse(asked if NEXT.fullmatch(asked) else HOME, 303)
    _set_cookie(request, answer, COOKIE, access.sessions.open(record.id).cookie)
    answer.delete_cookie(LOGIN_COOKIE, path=LOGIN)
    return answer


async def _log_out(request: Request) -> Response:
    await read_form(request)
    session = getattr(request.state, "session", None)
    if session is not None:
        request.state.access.sessions.end(session)
    answer = RedirectResponse(LOGIN, 303)
    answer.delete_cookie(COOKIE, path="/ui")
    return answer


def _ask(request: Request, access: Access, fault: str | None = None) -> Response:
    session = request.state.session = request.state.session or access.sessions.open()
    request.state.with_key = False  # whatever key the call carries, the form is for a person
    asked = request.query_params.get("next", "")
    answer = page(request, "login.html", fault=fault, target=asked if NEXT.fullmatch(asked) else HOME)
    _set_cookie(request, answer, LOGIN_COOKIE, session.cookie, path=LOGIN)
    return answer


def _set_cookie(request: Request, answer: Response, name: str, value: str, path: str = "/ui") -> None:
    forwarded = request.headers.get("x-forwarded-proto", request.url.scheme)
    answer.set_cookie(
        name, value, max_age=SESSION_SECONDS, path=path, secure=forwarded == "https", httponly=True, samesite="strict"
    )


def _access(request: Request) -> Access | None:
    access: Access | None = getattr(request.state, "access", None)
    return access if access is not None and access.keys is not None else None
