"""From a name to the files it means and the reader of each."""

from __future__ import annotations

from collections.abc import Iterator
from glob import glob, has_magic
from pathlib import Path

from data.files.columns import ParquetRows
from data.files.delimited import CsvRows
from data.files.lines import JsonRows
from data.files.rows import FileError, Row, RowReader
from data.listing import FIELDS

LABELS = ("hs", "hs_also", "clusters", "origin")
READERS: dict[str, type[RowReader]] = {"csv": CsvRows, "jsonl": JsonRows, "parquet": ParquetRows}
SUFFIXES = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet"}
NEEDED = {"csv": ("id", "title"), "parquet": ("id", "title"), "jsonl": ()}


def format_of(path: Path) -> str:
    """``csv``, ``jsonl`` or ``parquet``, by the file's ending; ``.gz`` may follow the first two.

    Raises
    ------
    FileError
        Where the ending is none of these.
    """
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    kind = SUFFIXES.get(plain.suffix.lower())
    if kind is None or (kind == "parquet" and path.suffix == ".gz"):
        raise FileError(f"{path}: is none of .csv, .jsonl and .parquet")
    return kind


def expand(source: str | Path) -> list[Path]:
    """The files that a name means, sorted: the file itself, all of a directory (and below), or those of a glob.

    Raises
    ------
    FileError
        Where there is none, or the name is of no known kind.
    """
    path = Path(source)
    if path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.is_file() and _is_known(p))
    elif path.exists():
        format_of(path)
        found = [path]
    elif has_magic(str(source)):
        found = sorted(Path(name) for name in glob(str(source), recursive=True) if _is_known(Path(name)))
    else:
        raise FileError(f"{source}: there is no such file")
    if not found:
        raise FileError(f"{source}: holds no .csv, .jsonl or .parquet file")
    return found


def open_rows(path: Path, wanted: frozenset[str] | None = None, required: tuple[str, ...] | None = None) -> RowReader:
    """The reader of a file; see :class:`RowReader`. By default a table must have ``id`` and ``title``."""
    kind = format_of(path)
    if not path.is_file():
        raise FileError(f"{path}: there is no such file")
    return READERS[kind](path, wanted, NEEDED[kind] if required is None else required)


def read_rows(path: Path, wanted: tuple[str, ...] | None = (*FIELDS, *LABELS)) -> Iterator[Row]:
    """Row number, and raw row or reject, of a file of listings, labelled or not; columns not wanted are dropped."""
    yield from open_rows(path, None if wanted is None else frozenset(wanted))


def _is_known(path: Path) -> bool:
    try:
        format_of(path)
    except FileError:
        return False
    return True
