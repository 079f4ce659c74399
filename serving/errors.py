"""The one shape of an error, whoever finds the fault."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

ERROR_HEADER = "x-pabean-error"
"""Carried by every error in our shape; what comes without it is put into shape by the guard."""
MAX_DETAILS = 1000
CODES: dict[int, tuple[str, str]] = {
    400: ("invalid_json", "the request cannot be read"),
    401: ("unauthenticated", "this call needs a key"),
    403: ("forbidden", "this call is not allowed"),
    404: ("not_found", "there is nothing at this path"),
    405: ("method_not_allowed", "this path does not answer to this method"),
    408: ("request_timeout", "the request took too long to arrive"),
    409: ("conflict", "the request contradicts what is stored"),
    413: ("too_large", "the body is over 8 MiB"),
    415: ("unsupported_media_type", "send application/json"),
    422: ("invalid_request", "the request breaks its rules"),
    429: ("too_many_requests", "too many requests; try again later"),
    500: ("internal_error", "a fault of ours"),
    503: ("unavailable", "the service cannot answer now; try again later"),
    504: ("unavailable", "the answer took too long"),
}


class ApiError(Exception):
    """A call that cannot be answered.

    Parameters
    ----------
    status : HTTP status; ``code`` and ``message`` default to what it stands for.
    details : ``{"index", "field", "message"}`` of each fault; ``index`` is null outside listings.
    """

    def __init__(
        self,
        status: int,
        code: str | None = None,
        message: str | None = None,
        details: Iterable[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        usual = CODES.get(status) or CODES[500 if status >= 500 else 400]
        self.status, self.code, self.message = status, code or usual[0], message or usual[1]
        self.details = [dict(detail) for detail in details]
        self.headers = dict(headers or {})
        super().__init__(self.message)

    def response(self) -> Response:
        """The error as a response in the contract's shape."""
        body = {"error": {"code": self.code, "message": self.message, "details": self.details[:MAX_DETAILS]}}
        return Response(
            orjson.dumps(body),
            status_code=self.status,
            headers={**self.headers, ERROR_HEADER: self.code},
            media_type="application/json",
        )


def detail(field: str, message: str, index: int | None = None) -> dict[str, Any]:
    """One fault; what a client wrote into a field's name is cut short and made encodable."""
    name = field[:120].encode("utf-8", "replace").decode("utf-8")
    return {"index": index, "field": name, "message": message.encode("utf-8", "replace").decode("utf-8")}


def internal_error(request_id: str) -> ApiError:
    """A fault of ours: no internals, only the id under which the log tells more."""
    return ApiError(500, message=f"a fault of ours; the log knows it under request id {request_id}")


def not_ready(reason: str) -> ApiError:
    """Model, policy or store cannot be used now."""
    return ApiError(503, "not_ready", reason, headers={"retry-after": "5"})


async def answer_api_error(request: Request, error: Exception) -> Response:
    """Starlette's exception handler for :class:`ApiError`."""
    assert isinstance(error, ApiError)
    return error.response()
