"""Without keys: is a call from this machine?"""

from __future__ import annotations

import ipaddress
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.datastructures import Headers

from serving.errors import ApiError

NO_KEYS = "without keys (PABEAN_API_KEYS) the service answers to this machine only"


def check_local(scope: MutableMapping[str, Any]) -> None:
    """Lets a call pass whose connection ends at a loopback address, and that was made under such a name.

    Raises
    ------
    ApiError
        403, however the service was told to listen.
    """
    host, port = scope.get("server") or ("", 0)
    if port is not None and not is_local(host):  # a Unix socket has no port
        raise ApiError(403, message=NO_KEYS)
    asked = Headers(scope=scope).get("host")
    try:
        name = urlsplit(f"//{asked}").hostname if asked else None
    except ValueError:
        name = ""
    if name is not None and not is_local(name):  # a stranger's name that was made to point here
        raise ApiError(403, message=f"{NO_KEYS}, called by a name of this machine")


def is_local(host: str) -> bool:
    """Whether a name or an address is this machine's own loopback."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)
