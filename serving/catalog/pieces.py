"""A catalog in Parquet cut into row groups, and which of its rows repeat an id."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray
from pyarrow import fs

from data.files.columns import read_group
from data.files.listings import WANTED, duplicate, listing_of
from data.files.rows import FileError, Reject
from data.files.seen import digest_of
from data.listing import Listing
from serving.catalog.work import Item


@dataclass(frozen=True)
class Piece:
    """A row group: its place among all, its file (a path of the filesystem of ``source``), rows before it."""

    number: int
    source: str
    path: str
    group: int
    before: int
    named: bool

    def items(self, doubles: frozenset[int] = frozenset()) -> list[Item]:
        """Its rows as listings and rejects; ``doubles`` are rows whose id came before."""
        files, _ = filesystem(self.source)
        name = self.path if self.named else None
        found = []
        with files.open_input_file(self.path) as handle:
            file = pq.ParquetFile(handle)
            columns = [column for column in file.schema_arrow.names if column in WANTED]
            for row, raw in read_group(file, self.group, columns, self.before):
                value = listing_of(row, raw)
                if row in doubles and isinstance(value, Listing):
                    value = duplicate(row, value)
                if isinstance(value, Reject) and name is not None:
                    value = Reject(value.row, value.reason, value.id, value.line, name)
                found.append(Item(row, value, name))
        return found


def filesystem(name: str) -> tuple[fs.FileSystem, str]:
    """The filesystem of a path or URI, and the path there."""
    if "://" in name:
        found: tuple[fs.FileSystem, str] = fs.FileSystem.from_uri(name)
        return found
    return fs.LocalFileSystem(), str(Path(name).resolve())


def cut_up(source: str) -> tuple[list[Piece], dict[str, int]]:
    """All row groups of all files in order, and the columns that are no listing fields, with their rows."""
    files, path = filesystem(source)
    info = files.get_file_info(path)
    if info.type == fs.FileType.NotFound:
        raise FileError(f"{source}: there is no such file")
    paths = [path]
    if info.type == fs.FileType.Directory:
        found = files.get_file_info(fs.FileSelector(path, recursive=True))
        paths = sorted(entry.path for entry in found if entry.path.endswith(".parquet"))
    if not paths or not all(name.endswith(".parquet") for name in paths):
        raise FileError(f"{source}: the Ray engine reads .parquet")
    pieces: list[Piece] = []
    unknown: dict[str, int] = {}
    for name in paths:
        with files.open_input_file(name) as handle:
            file = pq.ParquetFile(handle)
            before = 0
            for group in range(file.num_row_groups):
                pieces.append(Piece(len(pieces), source, name, group, before, len(paths) > 1))
                before += file.metadata.row_group(group).num_rows
            for column in file.schema_arrow.names:
                if column not in WANTED:
                    unknown[column] = unknown.get(column, 0) + before
            if missing := {"id", "title"} - set(file.schema_arrow.names):
                raise FileError(f"{name}: there is no column {min(missing)!r}")
    return pieces, unknown


def digests_of(row: dict[str, Any]) -> dict[str, Any]:
    """The digests of a piece's valid ids, as bytes that travel well."""
    piece: Piece = row["piece"]
    valid = [(item.row, digest_of(item.value.id)) for item in piece.items() if isinstance(item.value, Listing)]
    return {
        "number": piece.number,
        "rows": np.array([place for place, _ in valid], np.int64).tobytes(),
        "digests": np.array([digest for _, digest in valid], np.uint64).tobytes(),
    }


def repeated(found: list[dict[str, Any]]) -> dict[int, frozenset[int]]:
    """For each piece, the rows whose id stands in an earlier row."""
    digests = np.concatenate([np.frombuffer(row["digests"], np.uint64) for row in found])
    rows = np.concatenate([np.frombuffer(row["rows"], np.int64) for row in found])
    numbers = np.repeat([row["number"] for row in found], [len(row["rows"]) // 8 for row in found])
    order: NDArray[np.intp] = np.argsort(digests, kind="stable")
    later = order[1:][digests[order[1:]] == digests[order[:-1]]]
    doubles: dict[int, set[int]] = {}
    for number, place in zip(numbers[later].tolist(), rows[later].tolist(), strict=True):
        doubles.setdefault(number, set()).add(place)
    return {number: frozenset(places) for number, places in doubles.items()}
