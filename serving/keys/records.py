"""A key and what is kept of it: its public number, its role, a salted hash; never the key itself."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import IntEnum

import orjson

PREFIX = "pabean"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


class Role(IntEnum):
    """What a key may do; each role may do all that is below it."""

    submit = 1
    moderate = 2
    admin = 3


class KeyFileError(ValueError):
    """The file of keys cannot be used, or a change to it makes no sense."""


@dataclass(frozen=True)
class KeyRecord:
    """One line of the file.

    Attributes
    ----------
    id : the key's public part; what logs and sessions carry.
    salt, hash : SHA-256 over salt and key. A key is 256 random bits, so a slow hash would add nothing.
    created, revoked : UTC, ISO 8601; ``revoked`` is None while the key is good.
    """

    id: str
    name: str
    role: Role
    salt: str
    hash: str
    created: str
    revoked: str | None = None

    def matches(self, key: str) -> bool:
        """Whether this is the key; takes as long either way."""
        return hmac.compare_digest(self.hash, digest(self.salt, key)) and self.revoked is None

    def line(self) -> str:
        """The record as a line of the file."""
        return orjson.dumps({**asdict(self), "role": self.role.name}).decode("ascii")


def new_key(name: str, role: Role) -> tuple[str, KeyRecord]:
    """A fresh key, and what to keep of it.

    Raises
    ------
    KeyFileError
        Where the name is not one.
    """
    if not NAME.fullmatch(name):
        raise KeyFileError(f"{name!r} is no name for a key: 1 to 64 letters, digits, dots, dashes, underscores")
    number, salt = secrets.token_hex(6), secrets.token_hex(16)
    key = f"{PREFIX}_{number}_{secrets.token_urlsafe(32)}"
    return key, KeyRecord(number, name, role, salt, digest(salt, key), now())


def key_id(key: str) -> str:
    """The public part of a key; empty where the text is no key."""
    parts = key.split("_", 2)
    return parts[1] if len(parts) == 3 and parts[0] == PREFIX else ""


def digest(salt: str, key: str) -> str:
    """What is kept of a key."""
    return hashlib.sha256(f"{salt}:{key}".encode("utf-8", "replace")).hexdigest()


def parse_record(line: str, number: int) -> KeyRecord:
    """The record in a line of the file.

    Raises
    ------
    KeyFileError
        Where the line is none; the message never quotes it.
    """
    try:
        values = orjson.loads(line)
        record = KeyRecord(**{**values, "role": Role[values["role"]]})
    except (ValueError, TypeError, KeyError):
        raise KeyFileError(f"line {number} is no record of a key") from None
    texts = (record.id, record.name, record.salt, record.hash, record.created, record.revoked or "")
    if not all(isinstance(text, str) and text.isascii() for text in texts) or not record.id:
        raise KeyFileError(f"line {number} is no record of a key")
    return record


def now() -> str:
    """The time, as records write it."""
    return datetime.now(UTC).isoformat(timespec="seconds")
