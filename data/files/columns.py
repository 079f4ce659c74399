"""Parquet, row by row: only the columns that are wanted, a batch at a time."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from data.files.rows import FileError, Reject, Row, RowReader, empty

BATCH = 2048
BUFFER = 1 << 20
NOT_UTF8 = "{name}: is not UTF-8"


class ParquetRows(RowReader):
    """Rows of a Parquet file; decimals come as numbers, maps and structs as objects of what is set.

    A row group that cannot be read is one reject, and reading goes on with the next.
    """

    _done = 0
    _rows = 1

    @property
    def fraction(self) -> float:
        return min(self._done / max(self._rows, 1), 1.0)

    def __iter__(self) -> Iterator[Row]:
        if not self.path.stat().st_size:
            yield 1, empty()
            return
        try:
            file = pq.ParquetFile(self.path, buffer_size=BUFFER, pre_buffer=False)
        except (pa.ArrowException, OSError) as error:
            raise FileError(f"{self.path}: is no Parquet file, or is cut short: {_first_line(error)}") from None
        with file:
            names = list(file.schema_arrow.names)
            self._check_header(names)
            self._rows = file.metadata.num_rows
            columns = [name for name in names if self.wanted is None or name in self.wanted]
            others = [name for name in names if name not in columns]
            for row, value in self._groups(file, columns):
                if isinstance(value, dict):
                    for name in others:
                        self._count_unknown(name)
                yield row, value

    def _groups(self, file: pq.ParquetFile, columns: list[str]) -> Iterator[Row]:
        for group in range(file.num_row_groups):
            for row, value in read_group(file, group, columns, self._done):
                self._done = row
                yield row, value
            self._done = sum(file.metadata.row_group(i).num_rows for i in range(group + 1))


def read_group(file: pq.ParquetFile, group: int, columns: list[str], before: int) -> Iterator[Row]:
    """The rows of a row group, numbered on from ``before``; where it is damaged, a reject for those lost."""
    row, end = before, before + file.metadata.row_group(group).num_rows
    try:
        for batch in file.iter_batches(BATCH, row_groups=[group], columns=columns):
            for value in _values(batch):
                row += 1
                yield row, _plain(row, value)
    except (pa.ArrowException, OSError) as error:
        reason = f"the file is damaged, {end - row} rows from here on are lost: {_first_line(error)}"
        yield row + 1, Reject(row + 1, reason)


def _values(batch: pa.RecordBatch) -> Iterator[dict[str, Any]]:
    cells = {name: _cells(column) for name, column in zip(batch.schema.names, batch.columns, strict=True)}
    for i in range(batch.num_rows):
        yield {name: column[i] for name, column in cells.items()}


def _cells(column: pa.Array) -> list[Any]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if pa.types.is_map(column.type):
        return [None if cell is None else dict(cell) for cell in column.to_pylist()]
    try:
        return list(column.to_pylist())
    except (UnicodeDecodeError, pa.ArrowInvalid):  # text that is not: hand out bytes, told apart row by row
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            return list(column.cast(pa.large_binary()).to_pylist())
        return [_cell(column, i) for i in range(len(column))]


def _cell(column: pa.Array, i: int) -> Any:
    try:
        return column[i].as_py()
    except (ValueError, pa.ArrowException):
        return b"\xff"


def _plain(row: int, values: dict[str, Any]) -> dict[str, Any] | Reject:
    for name, cell in values.items():
        if isinstance(cell, bytes):
            try:
                cell = values[name] = cell.decode()
            except UnicodeDecodeError:
                return Reject(row, NOT_UTF8.format(name=name), _id(values))
        if isinstance(cell, str):
            if "\0" in cell:
                return Reject(row, f"{name}: holds a NUL byte", _id(values))
        elif isinstance(cell, Decimal):
            values[name] = float(cell)
        elif isinstance(cell, dict):
            values[name] = {key: value for key, value in cell.items() if value is not None}
    return values


def _id(values: dict[str, Any]) -> str | None:
    found = values.get("id")
    return None if found is None or isinstance(found, bytes) else str(found)[:128]


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]
