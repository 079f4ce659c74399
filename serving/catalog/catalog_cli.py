"""``python -m serving score | decide``: catalogs from the command line.

Each command is a function of the parsed arguments, found under ``args.run``, that returns the exit status.
"""

from __future__ import annotations

import argparse
import sys
from datetime import date
from pathlib import Path
from typing import Any

from serving.catalog.deciding import decide
from serving.catalog.run import Options
from serving.catalog.scoring import score
from serving.catalog.summary import Summary
from serving.clock import read_day

INPUTS = ".csv, .jsonl (both also .gz) or .parquet; a directory or a quoted glob of them"
OUTPUTS = ".csv, .jsonl or .parquet"


def add_catalog_commands(subparsers: Any) -> None:
    """Adds ``score`` and ``decide`` to the subparsers of a command line."""
    scoring = subparsers.add_parser("score", help="score a catalog: a result for every listing of a file")
    scoring.add_argument("source", metavar="IN", help=f"listings: {INPUTS}")
    scoring.add_argument("--model", metavar="M", help="a bundle's directory or a BentoML tag (default: PABEAN_MODEL)")
    scoring.add_argument("--engine", choices=("local", "ray"), default="local", help="ray: Parquet only")
    scoring.set_defaults(run=_score)

    deciding = subparsers.add_parser("decide", help="apply a policy to stored results again, without the model")
    deciding.add_argument("source", metavar="PREDICTIONS", help=f"results of `score`: {INPUTS}")
    deciding.set_defaults(run=_decide)

    for command in (scoring, deciding):
        command.add_argument("out", metavar="OUT", help=OUTPUTS)
        command.add_argument(
            "--as-of", type=_day, metavar="D", help="day whose rules count (default: today in Asia/Jakarta)"
        )
        command.add_argument("--policy", type=Path, metavar="DIR", help="rules and overrides (default: PABEAN_POLICY)")
        command.add_argument("--resume", action="store_true", help="take up a run to OUT that was interrupted")
        command.add_argument("--strict", action="store_true", help="exit 1 where rows were rejected")
        command.add_argument("--workers", type=_count, metavar="N", help="processes (default: one a processor)")
        command.add_argument("--quiet", action="store_true", help="no progress bar, no summary")


def _score(args: argparse.Namespace) -> int:
    if args.engine == "ray":
        from serving.catalog.ray_engine import score_on_ray

        if args.resume:
            raise ValueError("--resume is for the local engine; Ray retries lost work itself")
        return _finished(
            args,
            score_on_ray(
                args.source, args.out, model=args.model, policy=args.policy, as_of=args.as_of, workers=args.workers
            ),
        )
    out, options = Path(args.out), _options(args)
    return _finished(
        args, score(args.source, out, model=args.model, policy=args.policy, as_of=args.as_of, options=options)
    )


def _decide(args: argparse.Namespace) -> int:
    out, options = Path(args.out), _options(args)
    return _finished(args, decide(args.source, out, policy=args.policy, as_of=args.as_of, options=options))


def _options(args: argparse.Namespace) -> Options:
    return Options(resume=args.resume, workers=args.workers, progress=not args.quiet)


def _finished(args: argparse.Namespace, summary: Summary) -> int:
    if not args.quiet:
        print(f"{args.out}: {summary.text()}")
    if summary.rejected and (args.strict or not args.quiet):
        print(f"{summary.rejected:,} rows rejected, see {args.out}.rejects.jsonl", file=sys.stderr)
    return 1 if args.strict and summary.rejected else 0


def _day(text: str) -> date:
    try:
        return read_day(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write YYYY-MM-DD") from None


def _count(text: str) -> int:
    if not text.isdigit() or not 1 <= int(text) <= 1024:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes")
    return int(text)
