"""What the readers of all formats share: rejects, errors, opening a file, counting unknown columns."""

from __future__ import annotations

import gzip
import io
import zlib
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

MAX_LINE = 1 << 20
"""Characters of a line of text beyond which it is no row; a listing's own limits add up to far less."""
MOST_NAMES = 100
OTHER_NAMES = "(others)"
DAMAGE = (EOFError, zlib.error, OSError)
"""What reading a damaged or truncated file raises once it is open."""


class FileError(ValueError):
    """A file cannot be read at all: not there, of no known kind, or without the columns it must have."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that cannot be used.

    Attributes
    ----------
    row : number of the data row in its file, from 1; for a file that ends in damage, the row lost there.
    reason : what is wrong, for the person who made the file.
    id : the listing's id, where it could be read.
    line : line of a text file on which the row starts, from 1.
    file : name of the file, where several are read as one catalog.
    """

    row: int
    reason: str
    id: str | None = None
    line: int | None = None
    file: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Row, id and reason, then line and file where they are known."""
        found: dict[str, Any] = {"row": self.row, "id": self.id, "reason": self.reason}
        found |= {} if self.line is None else {"line": self.line}
        return found | ({} if self.file is None else {"file": self.file})


Row = tuple[int, dict[str, Any] | Reject]


class RowReader(ABC):
    """The rows of one file; iterate it once.

    Parameters
    ----------
    path : the file.
    wanted : columns to keep; None keeps all. Others are counted in ``unknown``.
    required : columns without which a table with a header is refused.

    Attributes
    ----------
    line : line on which the row at hand starts, in a text file.
    unknown : rows in which a column stood that is not wanted, by name; at most a hundred names.
    """

    def __init__(self, path: Path, wanted: frozenset[str] | None = None, required: tuple[str, ...] = ()) -> None:
        self.path = path
        self.wanted = wanted
        self.required = required
        self.line: int | None = None
        self.unknown: Counter[str] = Counter()

    @abstractmethod
    def __iter__(self) -> Iterator[Row]:
        """Row number and row."""

    @property
    @abstractmethod
    def fraction(self) -> float:
        """How much of the file has been read, from 0 to 1."""

    def _count_unknown(self, name: str) -> None:
        known = name in self.unknown or len(self.unknown) < MOST_NAMES
        self.unknown[name if known else OTHER_NAMES] += 1

    def _check_header(self, names: list[str]) -> None:
        for name in names:
            if names.count(name) > 1 and (self.wanted is None or name in self.wanted):
                raise FileError(f"{self.path}: column {name!r} is there twice")
        for name in self.required:
            if name not in names:
                found = ", ".join(names)[:200]
                raise FileError(f"{self.path}: there is no column {name!r} (found: {found})")


class TextReader(RowReader):
    """A text file, plain or compressed with gzip (by its name)."""

    def __init__(self, path: Path, wanted: frozenset[str] | None = None, required: tuple[str, ...] = ()) -> None:
        super().__init__(path, wanted, required)
        self._raw: IO[bytes] | None = None
        self._size = max(path.stat().st_size, 1)

    @property
    def fraction(self) -> float:
        if self._raw is None:
            return 0.0
        return 1.0 if self._raw.closed else min(self._raw.tell() / self._size, 1.0)

    def _open(self) -> io.BufferedReader:
        raw = self.path.open("rb")
        self._raw = raw
        if raw.read(2) in (b"\xff\xfe", b"\xfe\xff"):
            raise FileError(f"{self.path}: is UTF-16; save it as UTF-8")
        raw.seek(0)
        if self.path.suffix != ".gz":
            return raw
        return io.BufferedReader(cast(io.RawIOBase, gzip.GzipFile(fileobj=raw)), 1 << 16)

    def _close(self) -> None:
        if self._raw is not None:
            self._raw.close()


def damaged(row: int, error: BaseException) -> Reject:
    """The reject for a file whose reading broke off."""
    return Reject(row, f"the file is damaged or ends too early, nothing after this row was read: {error}")


def empty() -> Reject:
    """The reject for a file without a single byte in it."""
    return Reject(1, "the file is empty")
