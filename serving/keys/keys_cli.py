"""``python -m serving keys add | list | revoke``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from serving.keys.key_file import add_key, read_keys, revoke_key
from serving.keys.records import KeyFileError, Role
from serving.settings import Settings


def add_key_commands(subparsers: Any) -> None:
    """Adds ``keys`` with its three commands to the subparsers of a command line."""
    keys = subparsers.add_parser("keys", help="make, list and revoke API keys")
    commands = keys.add_subparsers(dest="keys_command", required=True)
    add = commands.add_parser("add", help="make a key; it is printed this once")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", required=True, choices=[role.name for role in Role])
    add.set_defaults(run=_add)
    show = commands.add_parser("list", help="names, roles and dates; never a key")
    show.set_defaults(run=_list)
    revoke = commands.add_parser("revoke", help="end a key; a running service sees it at its next call")
    revoke.add_argument("name", metavar="NAME")
    revoke.set_defaults(run=_revoke)
    for command in (add, show, revoke):
        command.add_argument("--file", type=Path, default=None, help="default: PABEAN_API_KEYS")


def _add(args: argparse.Namespace) -> int:
    path = _file(args)
    key = add_key(path, args.name, Role[args.role])
    print(f"{args.name} ({args.role}) is in {path}; only its hash is kept, so copy the key now:", file=sys.stderr)
    print(key)
    return 0


def _list(args: argparse.Namespace) -> int:
    records = read_keys(_file(args))
    for record in records:
        state = f"revoked {record.revoked}" if record.revoked else "good"
        print(f"{record.name:24} {record.role.name:8} {record.id}  created {record.created}  {state}")
    if not records:
        print("no keys")
    return 0


def _revoke(args: argparse.Namespace) -> int:
    record = revoke_key(_file(args), args.name)
    print(f"{record.name} ({record.role.name}) is revoked")
    return 0


def _file(args: argparse.Namespace) -> Path:
    path: Path | None = args.file or Settings.from_environment().api_keys
    if path is None:
        raise KeyFileError("set PABEAN_API_KEYS to the file of keys, or name it with --file")
    return path
