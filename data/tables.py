"""Reading our own CSV tables: strict about columns, errors that name file and row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path


class TableError(ValueError):
    """A table of ours, or a labelled file, breaks its shape."""


def read_table(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line number and row of a CSV file whose header must be ``columns``.

    Raises
    ------
    TableError
        Where the header differs or a row has another number of cells.
    """
    with path.open(newline="", encoding="utf-8") as handle:
        reader = csv.reader(handle)
        header = next(reader, [])
        if header != list(columns):
            raise TableError(f"{path.name}: header is {header}, expected {list(columns)}")
        for cells in reader:
            if len(cells) != len(columns):
                raise TableError(f"{path.name}:{reader.line_num}: {len(cells)} cells, expected {len(columns)}")
            yield reader.line_num, dict(zip(columns, cells, strict=True))
