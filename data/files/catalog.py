"""Several files read as one: a file, a directory, or a glob."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from data.files.rows import FileError, Reject, RowReader
from data.files.sources import expand, open_rows


class CatalogReader:
    """The rows of all files that ``source`` means, file after file; iterate it once.

    A file that cannot be read stops the reading where it is the only one, and is a reject where it is one
    of several.

    Attributes
    ----------
    files : the files, in the order in which they are read.
    file : name of the file at hand, where there are several.
    """

    def __init__(self, source: str | Path) -> None:
        self.files = expand(source)
        self.file: str | None = None
        self._unknown: Counter[str] = Counter()
        self._current: RowReader | None = None
        self._sizes = [max(path.stat().st_size, 1) for path in self.files]
        self._finished = 0

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        for path in self.files:
            self.file = str(path) if len(self.files) > 1 else None
            self._current = self.open(path)
            try:
                for row, value in self._current:
                    yield row, self._placed(self.convert(row, value))
            except FileError as error:
                if self.file is None:
                    raise
                yield 1, self._placed(Reject(1, str(error)))
            self._unknown += self._current.unknown
            self._current = None
            self._finished += 1

    def open(self, path: Path) -> RowReader:
        """The reader of one file."""
        return open_rows(path)

    def convert(self, row: int, value: Any) -> Any:
        """What a raw row becomes."""
        return value

    @property
    def unknown(self) -> dict[str, int]:
        """Rows in which a column stood that is not wanted, by name."""
        return dict(self._unknown if self._current is None else self._unknown + self._current.unknown)

    @property
    def fraction(self) -> float:
        """How much has been read, from 0 to 1."""
        part = self._current.fraction * self._sizes[self._finished] if self._current else 0.0
        return (sum(self._sizes[: self._finished]) + part) / sum(self._sizes)

    def fingerprint(self) -> str:
        """A digest of names, sizes and times of change, to tell that the input is still the same."""
        stats = [(str(path.resolve()), path.stat()) for path in self.files]
        text = "\n".join(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats)
        return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()[:16]

    def _placed(self, value: Any) -> Any:
        if not isinstance(value, Reject):
            return value
        line = value.line if value.line is not None or self._current is None else self._current.line
        return replace(value, file=self.file, line=line)
