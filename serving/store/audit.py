"""Is the record whole? And how to hand it over: ``python -m serving audit verify | export``."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import Engine, select
from sqlalchemy.exc import SQLAlchemyError

from serving.clock import read_day
from serving.settings import Settings
from serving.store.engine import open_engine
from serving.store.hashing import GENESIS, row_hash
from serving.store.tables import chain, decisions

PAGE = 2000


@dataclass(frozen=True)
class Verification:
    """``rows`` that hold together; ``fault`` says where the chain breaks, None where it does not."""

    rows: int
    fault: str | None = None

    @property
    def whole(self) -> bool:
        """Whether nothing was changed, taken out or put in."""
        return self.fault is None


def verify(engine: Engine) -> Verification:
    """Computes every hash anew and compares; the end must be where the chain says it is."""
    with engine.connect() as connection:
        length, final = connection.execute(select(chain.c.length, chain.c.hash)).one()
    last, count = GENESIS, 0
    for row in read_decisions(engine, upto=length):
        if row["seq"] != count + 1:
            return Verification(count, f"decision {count + 1} is missing")
        last = row_hash(last, row)
        if last != row["hash"]:
            return Verification(count, f"decision {row['seq']} is not what was recorded")
        count += 1
    if count != length:
        return Verification(count, f"decision {count + 1} is missing")
    if last != final:
        return Verification(count, "the last decision is not the one that the chain ends with")
    return Verification(count)


def read_decisions(
    engine: Engine, upto: int | None = None, since: str | None = None, until: str | None = None
) -> Iterator[dict[str, Any]]:
    """Decisions in order, a page at a time; ``since`` and ``until`` are days (UTC), both included."""
    last = 0
    while True:
        query = select(decisions).where(decisions.c.seq > last).order_by(decisions.c.seq).limit(PAGE)
        if upto is not None:
            query = query.where(decisions.c.seq <= upto)
        if since is not None:
            query = query.where(decisions.c.at >= since)
        if until is not None:
            query = query.where(decisions.c.at < until + "T~")
        with engine.connect() as connection:
            page = [{str(name): row[name] for name in row} for row in connection.execute(query).mappings()]
        if not page:
            return
        yield from page
        last = page[-1]["seq"]


def add_audit_commands(subparsers: Any) -> None:
    """Adds ``audit`` with its two commands to the subparsers of a command line."""
    audit = subparsers.add_parser("audit", help="check and export the record of decisions")
    commands = audit.add_subparsers(dest="audit_command", required=True)
    check = commands.add_parser("verify", help="compute the chain of hashes anew; exit 1 where it breaks")
    check.set_defaults(run=_verify)
    export = commands.add_parser("export", help="decisions as JSON Lines")
    export.add_argument("out", type=Path, metavar="OUT.jsonl")
    export.add_argument("--from", dest="since", type=_day, default=None, metavar="D", help="first day, UTC")
    export.add_argument("--to", dest="until", type=_day, default=None, metavar="D", help="last day, UTC")
    export.set_defaults(run=_export)
    for command in (check, export):
        command.add_argument("--database", default=None, metavar="URL", help="default: PABEAN_DATABASE_URL")


def _verify(args: argparse.Namespace) -> int:
    try:
        found = verify(_engine(args))
    except SQLAlchemyError as error:
        return _failed(error)
    if found.whole:
        sys.stdout.write(f"{found.rows} decisions; the chain is whole\n")
        return 0
    sys.stdout.write(f"the chain breaks after {found.rows} decisions: {found.fault}\n")
    return 1


def _export(args: argparse.Namespace) -> int:
    count = 0
    try:
        with args.out.open("wb") as file:
            for row in read_decisions(_engine(args), since=args.since, until=args.until):
                row["listing"], row["result"] = orjson.Fragment(row["listing"]), orjson.Fragment(row["result"])
                file.write(orjson.dumps(row) + b"\n")
                count += 1
    except (SQLAlchemyError, OSError) as error:
        return _failed(error)
    sys.stdout.write(f"{count} decisions written to {args.out}\n")
    return 0


def _engine(args: argparse.Namespace) -> Engine:
    return open_engine(args.database or Settings.from_environment().database_url)


def _failed(error: Exception) -> int:
    sys.stderr.write(f"the store cannot be used: {getattr(error, '__cause__', None) or error}\n")
    return 2


def _day(text: str) -> str:
    try:
        return read_day(text).isoformat()
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write YYYY-MM-DD") from None
