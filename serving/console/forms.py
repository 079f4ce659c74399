"""Reading a form of the console: small, from this site, with its session's token."""

from __future__ import annotations

import hmac
from urllib.parse import parse_qsl

from starlette.requests import Request

from serving.body import FORM, read_body
from serving.errors import ApiError

MOST_FIELDS = 40
TOKEN = "csrf"


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a form, without its token.

    Raises
    ------
    ApiError
        As :func:`serving.body.read_body`; 403 where the token is not the session's; 422 with too many fields.
    """
    body = await read_body(request, FORM)
    try:
        form = dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=MOST_FIELDS))
    except ValueError:
        raise ApiError(422, message="the form has too many fields") from None
    sent, expected = form.pop(TOKEN, ""), form_token(request)
    if expected is not None and not hmac.compare_digest(sent.encode(), expected.encode()):
        raise ApiError(403, "stale_form", "this form is not one of your session; open the page again")
    return form


def form_token(request: Request) -> str | None:
    """What the session's forms carry; None where there are no sessions, or the call came with a key itself."""
    access = getattr(request.state, "access", None)
    if access is None or access.keys is None or request.state.with_key:
        return None
    session = request.state.session
    if session is None:
        raise ApiError(403, "stale_form", "this form is not one of your session; open the page again")
    return str(access.sessions.token(session))
