"""CSV, row by row: a broken row never takes its neighbours with it."""

from __future__ import annotations

import csv
import io
from collections import deque
from collections.abc import Iterator

from data.files.rows import DAMAGE, MAX_LINE, Reject, Row, TextReader, damaged, empty

DELIMITERS = ",;\t"
TOO_LONG = "a line is longer than a mebibyte"
REASONS = {
    "field larger": "a cell is longer than 131,072 characters, or its quote is never closed",
    "unexpected end": "a quoted cell is never closed",
    "expected after": "text after a closing quote: inside a quoted cell a quote is written twice",
}


class CsvRows(TextReader):
    """Rows of a CSV file as text by column.

    UTF-8 with or without a byte order mark; separated by commas, or by semicolons or tabs where the header
    is; lines may end in any way, and quoted cells may hold line breaks. After a row with broken quoting,
    reading goes on with the next line, so that an open quote does not swallow the rows that follow.
    """

    def __iter__(self) -> Iterator[Row]:
        try:
            text = io.TextIOWrapper(self._open(), encoding="utf-8-sig", errors="surrogateescape", newline="")
            yield from self._rows(_Lines(text))
        finally:
            self._close()

    def _rows(self, lines: _Lines) -> Iterator[Row]:
        try:
            first = lines.peek()
        except DAMAGE as error:
            yield 1, damaged(1, error)
            return
        if first is None:
            yield 1, empty()
            return
        delimiter = next((mark for mark in DELIMITERS if mark in first), ",")
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        header = _header(reader)
        self._check_header(header)
        keep = [(i, name) for i, name in enumerate(header) if self.wanted is None or name in self.wanted]
        others = [name for name in header if self.wanted is not None and name not in self.wanted]
        row = 0
        while True:
            line = self.line = lines.start_record()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                row += 1
                yield row, Reject(row, _reason(error), lines.drop_first(delimiter, header), line)
                continue
            except DAMAGE as error:
                yield row + 1, damaged(row + 1, error)
                return
            if not cells:
                continue
            row += 1
            fault = _fault(cells, header)
            if fault:
                yield row, Reject(row, fault, _id(cells, header), line)
                continue
            for name in others:
                self._count_unknown(name)
            yield row, {name: cells[i] for i, name in keep}


class _Lines:
    """Physical lines for the CSV reader, with those of a broken record given back."""

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._again: deque[str | None] = deque()
        self._taken: list[str | None] = []
        self._number = 0

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        if line == "":
            raise StopIteration
        self._number += 1
        self._taken.append(line)
        if line is None:
            raise csv.Error(TOO_LONG)
        return line

    def peek(self) -> str | None:
        """The first line; None where there is none."""
        line = self._read()
        if line == "":
            return None
        self._again.append(line)
        return line or ""

    def start_record(self) -> int:
        """The line on which the next record starts."""
        self._taken = []
        return self._number + 1

    def drop_first(self, delimiter: str, header: list[str]) -> str | None:
        """Gives back all lines of the record but its first; the first's id, where it is readable."""
        again = self._taken[1:]
        self._again.extendleft(reversed(again))
        self._number -= len(again)
        first = self._taken[0] if self._taken else None
        return _id([cell.strip('"') for cell in first.split(delimiter)], header) if first else None

    def _read(self) -> str | None:
        """A line, "" at the end, None for one that is too long (the rest of it is skipped)."""
        line = self._text.readline(MAX_LINE)
        if len(line) < MAX_LINE or line.endswith(("\n", "\r")):
            return line
        while (rest := self._text.readline(MAX_LINE)) and not rest.endswith(("\n", "\r")):
            pass
        return None


def _header(reader: Iterator[list[str]]) -> list[str]:
    try:
        return [name.strip() for name in next(reader, [])]
    except csv.Error:
        return []


def _reason(error: csv.Error) -> str:
    return next((reason for start, reason in REASONS.items() if start in str(error)), str(error))


def _fault(cells: list[str], header: list[str]) -> str | None:
    text = "".join(cells)
    if "\0" in text:
        return "holds a NUL byte"
    if not text.isascii() and not _is_utf8(text):
        bad = next((name for name, cell in zip(header, cells, strict=False) if not _is_utf8(cell)), "a cell")
        return f"{bad}: is not UTF-8"
    if len(cells) != len(header):
        return f"{len(cells)} cells, but the header names {len(header)} columns"
    return None


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _id(cells: list[str], header: list[str]) -> str | None:
    at = header.index("id") if "id" in header else len(cells)
    return cells[at][:128].encode(errors="replace").decode() if at < len(cells) and cells[at] else None
