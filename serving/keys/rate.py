"""How often a key may call: a bucket of tokens for each, filled evenly."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable

from serving.errors import ApiError

MINUTE = 60.0


class Limiter:
    """Lets each key call so many times a minute; who was idle may spend a minute's calls at once.

    Parameters
    ----------
    rate : calls a minute; 0: as many as there are.
    clock : seconds that only go forward.
    """

    def __init__(self, rate: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._clock = rate, clock
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, key_id: str) -> None:
        """Counts a call.

        Raises
        ------
        ApiError
            429 with ``Retry-After`` where the key has called too often; such a call does not count.
        """
        if self._rate <= 0:
            return
        with self._lock:
            now = self._clock()
            left, at = self._buckets.get(key_id, (float(self._rate), now))
            left = min(float(self._rate), left + (now - at) * self._rate / MINUTE)
            good = left >= 1
            self._buckets[key_id] = (left - good, now)
        if not good:
            seconds = max(1, math.ceil((1 - left) * MINUTE / self._rate))
            message = f"this key may call {self._rate} times a minute"
            raise ApiError(429, message=message, headers={"retry-after": str(seconds)})
