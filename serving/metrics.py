"""Our numbers on ``/metrics``, beside BentoML's of requests and latency."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from typing import Any

from serving.judging import Judged

DECISIONS = ("approve", "review", "reject")
STORE_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """Counts what is decided and recorded; one for each process.

    The client of Prometheus is loaded here and not above: BentoML tells a worker only after the service
    was imported where the numbers of its processes are put together.
    """

    def __init__(self) -> None:
        from prometheus_client import Counter as Total
        from prometheus_client import Histogram

        self._decisions = Total("pabean_decisions", "Listings decided, and recorded, by decision", ["decision"])
        self._flags = Total("pabean_flags", "Flags on listings decided, by rule and action", ["rule", "action"])
        self._abstentions = Total("pabean_abstentions", "Listings decided without an HS code")
        self._store_seconds = Histogram(
            "pabean_store_seconds", "From a call's decisions to their being durable", buckets=STORE_BUCKETS
        )
        self._store_failures = Total("pabean_store_failures", "Calls whose decisions could not be recorded")
        for decision in DECISIONS:
            self._decisions.labels(decision)

    def decided(self, judged: Sequence[Judged]) -> None:
        """Counts decisions that are in the store."""
        for decision, count in Counter(one.decision for one in judged).items():
            self._decisions.labels(decision).inc(count)
        for (rule, action), count in Counter(flag for one in judged for flag in one.flags).items():
            self._flags.labels(rule, action).inc(count)
        if abstained := sum(one.abstained for one in judged):
            self._abstentions.inc(abstained)

    def storing(self) -> Any:
        """A context that measures how long the store takes."""
        return self._store_seconds.time()

    def store_failed(self) -> None:
        """Counts a call that the store let down."""
        self._store_failures.inc()


@cache
def metrics() -> Metrics:
    """This process's numbers."""
    return Metrics()
