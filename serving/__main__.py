"""``python -m serving``: score and decide catalogs, run the service, make keys, look at policies and the record."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

COMMANDS: dict[str, tuple[str, str]] = {
    "score": ("serving.catalog.catalog_cli", "add_catalog_commands"),
    "decide": ("serving.catalog.catalog_cli", "add_catalog_commands"),
    "policy": ("serving.policy_cli", "add_policy_commands"),
    "keys": ("serving.keys.keys_cli", "add_key_commands"),
    "audit": ("serving.store.audit", "add_audit_commands"),
}
"""Where each command's arguments are declared: loaded only where it is asked for, to start quickly."""
USAGE_ERROR, INTERRUPTED = 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; its exit status. What users can mend is one line on standard error and status 2."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    args = _parser(given[0] if given else "").parse_args(given)
    try:
        return int(args.run(args))
    except KeyboardInterrupt:
        print("interrupted; `score` and `decide` go on with --resume", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing is left to be flushed at exit
        return 0
    except (ValueError, OSError) as error:
        print(f"error: {_one_line(error)}", file=sys.stderr)
        return USAGE_ERROR


def _parser(command: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m serving", description=(__doc__ or "").partition(": ")[2])
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    adders = [COMMANDS[command]] if command in COMMANDS else list(dict.fromkeys(COMMANDS.values()))
    for module, name in adders:
        add: Callable[[Any], None] = getattr(import_module(module), name)
        add(subparsers)
    serve = subparsers.add_parser("serve", help="run the HTTP service")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on (default: this machine only)")
    serve.add_argument("--port", type=int, default=3000)
    serve.set_defaults(run=_serve)
    demo = subparsers.add_parser("demo", help="the samples through the whole gate, over HTTP")
    demo.set_defaults(run=_demo)
    return parser


def _serve(args: argparse.Namespace) -> int:
    from serving.launch import serve

    return serve(args.host, args.port)


def _demo(_: argparse.Namespace) -> int:
    from serving.demo import main as show

    return int(show() or 0)


def _one_line(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return "; ".join(line.strip() for line in str(error).splitlines() if line.strip()) or type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
