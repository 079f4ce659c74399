"""A client of the service in a few lines; what README shows.

>>> from serving.client import GateClient
>>> with GateClient("http://127.0.0.1:3000") as gate:            # doctest: +SKIP
...     for result in gate.moderate([{"id": "A-1", "title": "Hijab voal", "ship_from": "CN"}]):
...         print(result["id"], result["decision"], result["hs"]["code"])
A-1 reject 621430
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import Any

import httpx

from serving.settings import MAX_LISTINGS


class Refused(Exception):
    """The service refused a call; ``details`` names each fault: index, field, message."""

    def __init__(self, status: int, code: str, message: str, details: list[dict[str, Any]]) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.details = status, code, details


class GateClient:
    """Calls the service; any number of listings, 256 a call.

    Parameters
    ----------
    http : a client to use in place of one of our own.
    key : an API key, where the service has keys.
    """

    def __init__(
        self, base_url: str, timeout: float = 60.0, http: httpx.Client | None = None, key: str | None = None
    ) -> None:
        self._http = http or httpx.Client(base_url=base_url, timeout=timeout)
        if key is not None:
            self._http.headers["authorization"] = f"Bearer {key}"

    def moderate(self, listings: Sequence[Mapping[str, Any]], as_of: str | None = None) -> Iterator[dict[str, Any]]:
        """Results in the order of the listings; ``as_of``: YYYY-MM-DD, today where it is absent.

        Raises
        ------
        Refused
            Where a call is refused; none of that call's listings are decided then.
        """
        for start in range(0, len(listings), MAX_LISTINGS):
            asked: dict[str, Any] = {"listings": [dict(one) for one in listings[start : start + MAX_LISTINGS]]}
            if as_of is not None:
                asked["as_of"] = as_of
            yield from self._call("/v1/moderate", asked)["results"]

    def feedback(self, listing_id: str, verdict: str, **correction: Any) -> dict[str, Any]:
        """Sends a moderator's verdict, with ``hs``, ``clusters``, ``origin`` or ``note``."""
        return self._call("/v1/feedback", {"id": listing_id, "verdict": verdict, **correction})

    def __enter__(self) -> GateClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def _call(self, path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._http.post(path, json=asked)
        value: dict[str, Any] = answer.json()
        if answer.status_code != 200:
            raise Refused(answer.status_code, **value["error"])
        return value
