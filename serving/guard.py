"""Around every call, BentoML's own included: request id, security headers, one shape of error."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders

from serving.errors import ERROR_HEADER, ApiError, internal_error, not_ready
from serving.keys import Access

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
KEPT = ("allow", "retry-after", "connection")
"""Headers of an error that is put into shape which are kept."""
CONSOLE_CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
CSP = "default-src 'none'; frame-ancestors 'none'"
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-resource-policy": "same-origin",
}
log = logging.getLogger("bentoml.pabean")


class Guard:
    """ASGI middleware; wraps the service as a whole.

    Parameters
    ----------
    access : who may call; None: whoever can.
    """

    def __init__(self, app: App, access: Access | None = None) -> None:
        self.app, self.access = app, access

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = _request_id(Headers(scope=scope))
        scope.setdefault("state", {})["request_id"] = request_id
        answer = _Answer(scope, receive, send, request_id)
        try:
            instead = self.access.check(scope) if self.access is not None else None
            await (instead or self.app)(scope, receive, answer.send)
        except ApiError as error:
            await answer.instead(error)
        except Exception:
            log.exception("request %s failed: %s %s", request_id, scope["method"], scope["path"])
            await answer.instead(internal_error(request_id))


class _Answer:
    """Passes an answer on, and puts errors in another shape than ours in their place."""

    def __init__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send, request_id: str) -> None:
        self._scope, self._receive, self._send, self._id = scope, receive, send, request_id
        self._started = self._replaced = False

    async def send(self, message: Message) -> None:
        """The ``send`` that the application is given."""
        if self._replaced:
            return
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=message.setdefault("headers", []))
            if message["status"] >= 400 and ERROR_HEADER not in headers:
                await self.instead(self._shaped(message["status"], headers))
                return
            self._started = True
            self._mark(headers)
            message["headers"] = headers.raw
        await self._send(message)

    async def instead(self, error: ApiError) -> None:
        """Answers with ``error`` unless an answer is on its way already."""
        if self._started or self._replaced:
            return
        response = error.response()
        self._mark(response.headers)
        await response(self._scope, self._receive, self._send)
        self._replaced = True

    def _shaped(self, status: int, headers: MutableHeaders) -> ApiError:
        if status == 500:
            return internal_error(self._id)
        kept = {name: headers[name] for name in KEPT if name in headers}
        if status == 503 and self._scope["path"] == "/readyz":
            error = not_ready("model, policy or store cannot be used now")
            error.headers.update(kept)
            return error
        return ApiError(status, headers=kept)

    def _mark(self, headers: MutableHeaders) -> None:
        for name, value in HEADERS.items():
            headers[name] = value
        page = self._scope["path"].startswith("/ui/") and ERROR_HEADER not in headers
        headers["content-security-policy"] = CONSOLE_CSP if page else CSP
        headers.setdefault("cache-control", "no-store")
        headers["x-request-id"] = self._id


def _request_id(headers: Headers) -> str:
    given = headers.get("x-request-id", "")
    return given if REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
