"""JSON Lines, row by row."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import orjson

from data.files.rows import DAMAGE, MAX_LINE, Reject, Row, TextReader, damaged, empty

BOM = b"\xef\xbb\xbf"


class RawLines(TextReader):
    """The lines of a file as bytes, blank ones left out: what parses them may sit in another process."""

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        for row, _, text in self.numbered():
            yield row, text

    def numbered(self) -> Iterator[tuple[int, int, bytes | Reject]]:
        """Row number, line number and line."""
        row = line = 0
        try:
            handle = self._open()
            while True:
                try:
                    text = handle.readline(MAX_LINE)
                    whole = len(text) < MAX_LINE or text.endswith(b"\n") or _skip_line(handle)
                except DAMAGE as error:
                    yield row + 1, line + 1, damaged(row + 1, error)
                    return
                if not text:
                    break
                line += 1
                if line == 1:
                    text = text.removeprefix(BOM)
                if text.strip():
                    row += 1
                    yield row, line, text if whole else Reject(row, "a line is longer than a mebibyte", line=line)
            if not line:
                yield 1, 1, empty()
        finally:
            self._close()


class JsonRows(RawLines):
    """Rows of a JSON Lines file, with the columns that are wanted."""

    def __iter__(self) -> Iterator[Row]:
        wanted = self.wanted
        for row, line, text in self.numbered():
            self.line = line
            value = text if isinstance(text, Reject) else parse(row, line, text)
            if isinstance(value, dict) and wanted is not None and not wanted.issuperset(value):
                for name in value.keys() - wanted:
                    self._count_unknown(name[:100])
                value = {name: cell for name, cell in value.items() if name in wanted}
            yield row, value


def parse(row: int, line: int, text: bytes) -> dict[str, Any] | Reject:
    """The object on a line, or what is wrong with it."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        return Reject(row, _reason(text, error), line=line)
    if not isinstance(value, dict):
        return Reject(row, "is no JSON object", line=line)
    if b"\\u0000" in text:
        for name, cell in value.items():
            if isinstance(cell, str) and "\0" in cell:
                return Reject(row, f"{name}: holds a NUL byte", _id(value), line)
    return value


def _id(value: dict[str, Any]) -> str | None:
    return str(value["id"])[:128] if value.get("id") is not None else None


def _reason(text: bytes, error: orjson.JSONDecodeError) -> str:
    if b"\0" in text:
        return "holds a NUL byte"
    try:
        text.decode()
    except UnicodeDecodeError:
        return "is not UTF-8"
    return f"is not JSON: {error.msg} (character {error.pos + 1})"


def _skip_line(handle: io.BufferedReader) -> bool:
    while (rest := handle.readline(MAX_LINE)) and not rest.endswith(b"\n"):
        pass
    return False
