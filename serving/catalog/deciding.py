"""Applying a policy to stored results again, without the model."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from data.files import CatalogReader, RawLines, RowReader, format_of, open_rows
from serving.catalog.formats import FIELDS
from serving.catalog.run import Options, check_output, run
from serving.catalog.scoring import day_of
from serving.catalog.summary import Summary
from serving.catalog.work import DecideSpec


class StoredReader(CatalogReader):
    """Stored results: lines of JSON as bytes, rows of tables as they are."""

    def open(self, path: Path) -> RowReader:
        """The reader of one file; a table must have the columns that ``score`` writes."""
        if format_of(path) == "jsonl":
            return RawLines(path)
        return open_rows(path, frozenset(FIELDS), FIELDS)

    @property
    def unknown(self) -> dict[str, int]:
        """Nothing: the flat columns are not read, but known."""
        return {}


def decide(
    predictions: str | Path,
    out: Path,
    *,
    policy: Path | None = None,
    as_of: date | None = None,
    options: Options | None = None,
) -> Summary:
    """Decide stored results of ``score`` anew, under another policy or for another day.

    Lines that are no such result go to ``OUT.rejects.jsonl``. Parameters and errors are those of ``score``.
    """
    options = options or Options()
    reader = StoredReader(predictions)
    kind = check_output(predictions, reader.files, out)
    day = as_of or day_of(out, options)
    return run(reader, predictions, out, DecideSpec(policy, day, kind), day, options)
