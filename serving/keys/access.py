"""May this call be made? Asked by the guard before anything else looks at it."""

from __future__ import annotations

import logging
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import RedirectResponse, Response

from serving.errors import ApiError, not_ready
from serving.keys.local import check_local
from serving.keys.rate import Limiter
from serving.keys.records import KeyFileError, KeyRecord, Role
from serving.keys.ring import KeyRing
from serving.keys.sessions import COOKIE, LOGIN_COOKIE, Session, Sessions
from serving.settings import Settings

log = logging.getLogger("bentoml.pabean")
Scope = MutableMapping[str, Any]
READY = "/readyz"
LOGIN = "/ui/login"
OPEN = frozenset({"/", "/livez", READY, "/healthz", "/docs.json", LOGIN})
STATIC = "/ui/static/"
CONSOLE = "/ui"
MODERATE = (CONSOLE, "/v1/feedback")
"""What needs the role ``moderate``, with all that is below; everything else that is not open needs ``submit``."""
CHALLENGE = {"www-authenticate": 'Bearer realm="pabean"'}


class Access:
    """Knows callers by their keys; without keys it lets in this machine only.

    Parameters
    ----------
    keys : None: the service has no keys.
    rate : calls a minute that each key may make; 0: as many as there are.
    """

    def __init__(self, keys: KeyRing | None, rate: int = 0) -> None:
        self.keys, self.sessions, self._limiter = keys, Sessions(), Limiter(rate)

    def check(self, scope: Scope) -> Response | None:
        """Lets a call pass, with ``caller`` in its state, or answers it: a browser is sent to the log-in.

        Raises
        ------
        ApiError
            401, 403, 429, or 503 where the keys cannot be read.
        """
        state = scope["state"]
        state.update(access=self, caller=None, session=None, with_key=False)
        if self.keys is None:
            check_local(scope)
            return None
        path, headers = _path(scope), Headers(scope=scope)
        try:
            if path == READY:
                self.keys.count()
            needed = role_needed(path)
            if path == LOGIN:
                state["session"] = self._session(headers, LOGIN_COOKIE)
            if needed is None:
                return None
            key = bearer(headers)
            if key is None and _in(path, CONSOLE):
                state["session"] = self._session(headers, COOKIE)
                if state["session"] is None and _is_browser(scope, headers):
                    return _to_login(scope)
            state["with_key"] = key is not None
            state["caller"] = self._caller(key, state["session"], needed)
        except KeyFileError as error:
            log.error("not ready: %s", error)
            raise not_ready("the keys cannot be read; the log says why") from None
        return None

    def _session(self, headers: Headers, name: str) -> Session | None:
        session = self.sessions.read(cookie_parser(headers.get("cookie", "")).get(name))
        if session is None or name == LOGIN_COOKIE:
            return session
        good = self.keys is not None and self.keys.get(session.key_id) is not None
        return session if good else None  # a revoked key takes its sessions with it

    def _caller(self, key: str | None, session: Session | None, needed: Role) -> KeyRecord:
        assert self.keys is not None
        if key is None and session is None:
            raise ApiError(401, headers=CHALLENGE)
        record = self.keys.find(key) if key is not None else self.keys.get(session.key_id if session else "")
        if record is None:
            raise ApiError(401, message="this key is not known, or was revoked", headers=CHALLENGE)
        self._limiter.take(record.id)
        if record.role < needed:
            raise ApiError(403, message=f"this call needs the role {needed.name}; this key has {record.role.name}")
        return record


def open_access(settings: Settings) -> Access:
    """Access as a deployment's settings say; the file of keys is read with the first call."""
    return Access(KeyRing(settings.api_keys) if settings.api_keys else None, settings.rate)


def role_needed(path: str) -> Role | None:
    """The role that a path asks for; None: open to all."""
    if path in OPEN or path.startswith(STATIC):
        return None
    if any(_in(path, top) for top in MODERATE):
        return Role.moderate
    return Role.submit


def bearer(headers: Headers) -> str | None:
    """The key that a call carries."""
    scheme, _, key = headers.get("authorization", "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else None


def _in(path: str, top: str) -> bool:
    return path == top or path.startswith(f"{top}/")


def _is_browser(scope: Scope, headers: Headers) -> bool:
    return scope["method"] == "GET" and "text/html" in headers.get("accept", "")


def _to_login(scope: Scope) -> Response:
    asked = _path(scope) + ("?" + scope["query_string"].decode("latin-1") if scope.get("query_string") else "")
    language = "&lang=en" if "lang=en" in asked else ""
    return RedirectResponse(f"{LOGIN}?next={quote(asked, safe='/')}{language}", 303)


def _path(scope: Scope) -> str:
    path: str = scope["path"]
    return path.removeprefix(scope.get("root_path", "")) or "/"
