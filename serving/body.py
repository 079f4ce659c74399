"""Reading a body: only JSON, only so much of it, only for so long."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from urllib.parse import urlsplit

from pydantic_core import from_json
from starlette.requests import ClientDisconnect, Request

from serving.errors import ApiError
from serving.settings import BODY_SECONDS, MAX_BODY_BYTES

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
ENCODINGS = frozenset({"utf-8", "utf8", "us-ascii"})
DRAINED = 4 * MAX_BODY_BYTES
"""How much of a body that is too large is still taken in, so that its sender gets to read the answer."""


async def read_body(request: Request, media_type: str = JSON) -> bytes:
    """The whole body of a request that says it is ``media_type`` (or says nothing).

    Raises
    ------
    ApiError
        403, 408, 413 or 415.
    """
    _check_headers(request, media_type)
    announced = request.headers.get("content-length", "0")
    too_large = len(announced) > 12 or (announced.isdigit() and int(announced) > MAX_BODY_BYTES)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                too_large = too_large or size > MAX_BODY_BYTES
                if too_large:
                    chunks.clear()
                    if size > DRAINED:
                        break
                else:
                    chunks.append(chunk)
    except TimeoutError:
        raise ApiError(408, headers={"connection": "close"}) from None
    except ClientDisconnect:
        raise ApiError(400, "client_gone", "the client closed the connection") from None
    if too_large:
        raise ApiError(413, headers={"connection": "close"} if size > DRAINED else None)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


async def read_json(request: Request) -> Any:
    """The body as a JSON value.

    Raises
    ------
    ApiError
        As :func:`read_body`; 400 where it is not JSON.
    """
    body = await read_body(request)
    try:
        return from_json(body, allow_inf_nan=False)
    except ValueError as error:
        return _second_look(body, str(error))


def _second_look(body: bytes, reason: str) -> Any:
    """JSON by its grammar that the fast parser refuses: half surrogate pairs above all, which validation names."""
    try:
        return json.loads(body.decode("utf-8"), parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise ApiError(400, message=f"the body is not JSON in UTF-8: {reason}") from None


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _check_headers(request: Request, media_type: str) -> None:
    kind, _, parameters = request.headers.get("content-type", media_type).partition(";")
    if kind.strip().lower() != media_type:
        raise ApiError(415, message=f"send {media_type}")
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip().strip('"').lower() not in ENCODINGS:
            raise ApiError(415, message="send UTF-8")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise ApiError(415, message="send the body uncompressed")
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise ApiError(403, "cross_origin", "a page of another site may not make this call")
