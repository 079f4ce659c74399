"""The store: what was decided and what moderators said of it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from serving.batcher import Batcher, Overloaded
from serving.store.engine import CHAIN_ID, create_tables, open_engine
from serving.store.hashing import row_hash
from serving.store.tables import chain, decisions, feedback

GROUP = 4096
"""Decisions that are committed together at most."""
log = logging.getLogger("bentoml.pabean")


class StoreDown(Exception):
    """The store cannot be written or read now."""


@dataclass(frozen=True)
class Entry:
    """A decision to be recorded; ``listing`` and ``result`` are JSON."""

    request_id: str
    listing_id: str
    decision: str
    model_version: str
    policy_version: str
    as_of: str
    listing: str
    result: str


class Store:
    """Append-only decisions, chained by hashes, and feedback.

    One thread writes; the entries of all calls that wait go into one transaction, each call's entries
    whole or not at all. A store that was down is tried again at the next use.
    """

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url)
        self._prepared = False
        self._lock = threading.Lock()
        self._writer: Batcher[Sequence[Entry], None] = Batcher(
            "pabean-store", self._write, len, most=GROUP, waiting=GROUP, together=(StoreDown,)
        )

    def record(self, entries: Sequence[Entry]) -> Future[None]:
        """Durable once the future is done; it raises :class:`StoreDown` where they could not be kept."""
        try:
            return self._writer.submit(entries)
        except Overloaded:
            raise StoreDown("the store does not keep up") from None

    def add_feedback(self, request_id: str, listing_id: str, verdict: str, correction: str) -> dict[str, Any]:
        """Keeps a moderator's verdict; its number, its time, and whether the listing had a decision."""
        key, at = _text(listing_id), _now()
        try:
            self._prepare()
            with self.engine.begin() as connection:
                known = select(decisions.c.seq).where(decisions.c.listing_id == key).limit(1)
                moderated = connection.execute(known).first() is not None
                row = {
                    "at": at, "request_id": request_id, "listing_id": key, "moderated": moderated,
                    "verdict": verdict, "correction": correction,
                }  # fmt: skip
                seq = connection.execute(insert(feedback).values(row).returning(feedback.c.seq)).scalar_one()
        except SQLAlchemyError as error:
            raise self._down(error) from error
        return {"feedback_id": seq, "at": at, "moderated": moderated}

    def latest(self, decision: str | None = None, limit: int = 50, before: int | None = None) -> list[dict[str, Any]]:
        """Decisions, newest first."""
        query = select(decisions).order_by(decisions.c.seq.desc()).limit(limit)
        if decision:
            query = query.where(decisions.c.decision == decision)
        if before is not None:
            query = query.where(decisions.c.seq < before)
        return self._rows(query)

    def find(self, seq: int) -> dict[str, Any] | None:
        """One decision."""
        rows = self._rows(select(decisions).where(decisions.c.seq == seq))
        return rows[0] if rows else None

    def counts(self) -> dict[str, int]:
        """Decisions by kind."""
        query = select(decisions.c.decision, func.count().label("n")).group_by(decisions.c.decision)
        return {row["decision"]: row["n"] for row in self._rows(query)}

    def ready(self) -> bool:
        """Whether the store answers."""
        try:
            self._rows(select(chain.c.length))
        except StoreDown:
            return False
        return True

    def close(self) -> None:
        """Writes what waits and lets the database go."""
        self._writer.close()
        self.engine.dispose()

    def _rows(self, query: Any) -> list[dict[str, Any]]:
        try:
            self._prepare()
            with self.engine.connect() as connection:
                return [dict(row) for row in connection.execute(query).mappings()]
        except SQLAlchemyError as error:
            raise self._down(error) from error

    def _write(self, groups: Sequence[Sequence[Entry]]) -> list[None]:
        entries = [entry for group in groups for entry in group]
        try:
            self._prepare()
            with self.engine.begin() as connection:
                # this row's lock makes writers of all workers and hosts wait for each other
                grown = update(chain).where(chain.c.id == CHAIN_ID).values(length=chain.c.length + len(entries))
                length, last = connection.execute(grown.returning(chain.c.length, chain.c.hash)).one()
                rows, at = [], _now()
                for seq, entry in enumerate(entries, start=length - len(entries) + 1):
                    row = {"seq": seq, "at": at, **asdict(entry), "listing_id": _text(entry.listing_id)}
                    last = row_hash(last, row)
                    rows.append({**row, "hash": last})
                connection.execute(insert(decisions), rows)
                connection.execute(update(chain).where(chain.c.id == CHAIN_ID).values(hash=last))
        except SQLAlchemyError as error:
            raise self._down(error) from error
        return [None] * len(groups)

    def _prepare(self) -> None:
        if not self._prepared:
            with self._lock:
                create_tables(self.engine)
                self._prepared = True

    def _down(self, error: SQLAlchemyError) -> StoreDown:
        self._prepared = False
        log.error("the store failed: %s", error.__cause__ or type(error).__name__)
        return StoreDown("the store cannot be used")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _text(value: str) -> str:
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}")  # PostgreSQL's text has no NUL
