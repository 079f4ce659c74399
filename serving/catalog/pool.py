"""Chunks through one process or several, results in the order of the chunks."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.connection import wait
from typing import Protocol

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from serving.catalog.checkpoint import OutputError
from serving.catalog.work import Done, Item, Versions

AHEAD = 2


class Worker(Protocol):
    """Turns a chunk into its outcome."""

    versions: Versions

    def __call__(self, items: Sequence[Item]) -> Done:
        """The outcome of a chunk."""


class Spec(Protocol):
    """Makes a worker in whatever process it is called."""

    def make(self) -> Worker:
        """Loads what the worker needs."""


class Alone:
    """All work in this process, with one thread for numbers: several cost more than they bring on small products."""

    def __init__(self, spec: Spec) -> None:
        self._worker = spec.make()
        self.versions = self._worker.versions

    def map(self, chunks: Iterable[Sequence[Item]]) -> Iterator[Done]:
        """The outcome of each chunk, in order."""
        with threadpool_limits(1):
            yield from map(self._worker, chunks)

    def close(self) -> None:
        """Nothing to end."""


class Pool:
    """Work in processes of their own, each with its worker; at most ``AHEAD`` chunks wait for each.

    The processes are started afresh, not forked: the model's libraries run threads, which a fork breaks.
    They end when this process does, even when it is killed.
    """

    def __init__(self, spec: Spec, workers: int) -> None:
        context = multiprocessing.get_context("spawn")
        self._executor = ProcessPoolExecutor(workers, context, _start, (spec,))
        self._most = workers * AHEAD
        try:
            for future in [self._executor.submit(_make) for _ in range(workers)]:
                self.versions: Versions = future.result()
        except BaseException:
            self.close()
            raise

    def map(self, chunks: Iterable[Sequence[Item]]) -> Iterator[Done]:
        """The outcome of each chunk, in order."""
        waiting: deque[Future[Done]] = deque()
        try:
            for chunk in chunks:
                waiting.append(self._executor.submit(_work, chunk))
                if len(waiting) >= self._most:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise OutputError("a worker process was killed; run the same command with --resume") from None

    def close(self) -> None:
        """Ends the processes."""
        self._executor.shutdown(wait=True, cancel_futures=True)


def run_alone_or_pooled(spec: Spec, workers: int) -> Alone | Pool:
    """One process where one is asked for, else a pool."""
    return Alone(spec) if workers <= 1 else Pool(spec, workers)


_spec: Spec | None = None
_worker: Worker | None = None


def _start(spec: Spec) -> None:
    global _spec
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the main process handles Ctrl-C
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _spec = spec


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)


def _make() -> Versions:
    """Makes this process's worker; a failure comes back as what it is, not as a broken pool."""
    return _own().versions


def _own() -> Worker:
    global _worker
    if _worker is None and _spec is not None:
        threadpool_limits(1)  # the processes are the parallelism
        _worker = _spec.make()
    assert _worker is not None
    return _worker


def _work(items: Sequence[Item]) -> Done:
    return _own()(items)
