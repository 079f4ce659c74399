"""The file of keys, JSON Lines: read whole, written whole, one writer at a time."""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from serving.keys.records import KeyFileError, KeyRecord, Role, new_key, now, parse_record

PRIVATE = 0o600


def read_keys(path: Path) -> list[KeyRecord]:
    """All records, revoked ones too.

    Raises
    ------
    KeyFileError
        Where the file cannot be read or is broken.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not UTF-8"
        raise KeyFileError(f"{path}: {reason}; make a first key with `python -m serving keys add`") from None
    try:
        records = [parse_record(line, at) for at, line in enumerate(text.splitlines(), start=1) if line.strip()]
        if len({record.id for record in records}) != len(records):
            raise KeyFileError("two records have the same id")
    except KeyFileError as error:
        raise KeyFileError(f"{path}: {error}") from None
    return records


def add_key(path: Path, name: str, role: Role) -> str:
    """Makes a key; it is returned this once and can never be read again.

    Raises
    ------
    KeyFileError
        Where the name is none, or a key that is not revoked has it.
    """
    with _locked(path):
        records = read_keys(path) if path.exists() else []
        if any(record.name == name and record.revoked is None for record in records):
            raise KeyFileError(f"there is a key {name!r} already; revoke it first, or take another name")
        key, record = new_key(name, role)
        _write(path, [*records, record])
    return key


def revoke_key(path: Path, name: str) -> KeyRecord:
    """Ends a key; its record stays.

    Raises
    ------
    KeyFileError
        Where no good key has this name.
    """
    with _locked(path):
        records = read_keys(path)
        found = next((record for record in records if record.name == name and record.revoked is None), None)
        if found is None:
            raise KeyFileError(f"there is no key {name!r} that is not revoked")
        revoked = replace(found, revoked=now())
        _write(path, [revoked if record is found else record for record in records])
    return revoked


def _write(path: Path, records: Sequence[KeyRecord]) -> None:
    target = path.resolve()
    draft = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.writelines(f"{record.line()}\n" for record in records)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():  # whoever could read the file, the service above all, still can
            owner = target.stat()
            shutil.copymode(target, draft)
            with contextlib.suppress(PermissionError):
                os.chown(draft, owner.st_uid, owner.st_gid)
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    folder = os.open(path.resolve().parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)
