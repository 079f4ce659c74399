"""Opening a database: SQLite in WAL mode by default, PostgreSQL by its URL."""

from __future__ import annotations

import contextlib
from typing import Any

from sqlalchemy import Engine, create_engine, event, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError

from serving.store.hashing import GENESIS
from serving.store.tables import chain, metadata

BUSY_SECONDS = 5
CHAIN_ID = 1


def open_engine(url: str) -> Engine:
    """An engine for ``url``; nothing is connected yet.

    Raises
    ------
    sqlalchemy.exc.ArgumentError
        Where the URL cannot be read.
    """
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True, pool_size=4, max_overflow=4)
    engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False})
    event.listen(engine, "connect", _set_up_sqlite)
    return engine


def create_tables(engine: Engine) -> None:
    """The tables and the chain's first row, where they are missing; several workers may do so at once."""
    for _ in metadata.tables:  # another worker may be a moment faster with each of them
        with contextlib.suppress(DBAPIError):
            metadata.create_all(engine)
            break
    else:
        metadata.create_all(engine)  # says what is wrong
    with engine.connect() as connection:
        if connection.execute(select(chain.c.id)).first() is not None:
            return
    try:
        with engine.begin() as connection:
            connection.execute(insert(chain).values(id=CHAIN_ID, length=0, hash=GENESIS))
    except IntegrityError:
        pass


def _set_up_sqlite(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")  # a decision survives a power cut once its answer has left
    cursor.close()
