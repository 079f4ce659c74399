"""One thread that takes all waiting calls at once: the more that wait, the larger its batches."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")
log = logging.getLogger("bentoml.pabean")


class Overloaded(Exception):
    """Too many items wait already."""


class Batcher(Generic[Item, Answer]):
    """Answers items with a function over many of them; an idle batcher adds no delay.

    Parameters
    ----------
    work : from items to answers, in the same order.
    size : weight of an item.
    most : weight up to which items are put together.
    waiting : items that may wait.
    together : exceptions that hit all items alike; after any other each item is tried alone, so that
        one that cannot be worked harms no other.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[Sequence[Item]], Sequence[Answer]],
        size: Callable[[Item], int],
        most: int,
        waiting: int,
        together: tuple[type[Exception], ...] = (),
    ) -> None:
        self._work, self._size, self._most, self._together = work, size, most, together
        self._queue: queue.Queue[tuple[Item, Future[Answer]] | None] = queue.Queue(waiting)
        self._held: tuple[Item, Future[Answer]] | None = None
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def submit(self, item: Item) -> Future[Answer]:
        """The answer to come.

        Raises
        ------
        Overloaded
            Where as many items wait as may.
        """
        future: Future[Answer] = Future()
        try:
            self._queue.put_nowait((item, future))
        except queue.Full:
            raise Overloaded from None
        return future

    def waiting(self) -> int:
        """How many items wait, about."""
        return self._queue.qsize()

    def close(self) -> None:
        """Ends the thread once all that waits is answered."""
        self._queue.put(None)
        self._thread.join(timeout=30)

    def _run(self) -> None:
        while (batch := self._next_batch()) is not None:
            self._answer([(item, future) for item, future in batch if future.set_running_or_notify_cancel()])

    def _next_batch(self) -> list[tuple[Item, Future[Answer]]] | None:
        first, self._held = self._held or self._queue.get(), None
        if first is None:
            return None
        batch, weight = [first], self._size(first[0])
        while weight < self._most:
            try:
                entry = self._queue.get_nowait()
            except queue.Empty:
                break
            if entry is None:
                self._queue.put(None)
                break
            weight += self._size(entry[0])
            if weight > self._most:
                self._held = entry
                break
            batch.append(entry)
        return batch

    def _answer(self, batch: list[tuple[Item, Future[Answer]]]) -> None:
        if not batch:
            return
        try:
            answers = self._work([item for item, _ in batch])
            for (_, future), answer in zip(batch, answers, strict=True):
                future.set_result(answer)
        except Exception as error:
            if len(batch) == 1 or isinstance(error, self._together):
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
                return
            log.warning("a batch of %d failed (%s); each is tried alone", len(batch), type(error).__name__)
            for entry in batch:
                if not entry[1].done():
                    self._answer([entry])
