"""Reading catalogs: CSV, JSON Lines and Parquet of any size, row by row, whatever state they are in.

``read_rows`` gives raw rows (training reads its labelled files with it), :class:`ListingReader` gives
listings. Both yield ``(row, value)`` where ``row`` counts the data rows of a file from 1 (a CSV header
and blank lines are not counted) and ``value`` is a :class:`Reject` where the row cannot be used. Only a
file that cannot be read at all raises :class:`FileError`.
"""

from data.files.catalog import CatalogReader
from data.files.lines import RawLines
from data.files.listings import ListingReader, read_listings
from data.files.rows import FileError, Reject, RowReader
from data.files.sources import LABELS, expand, format_of, open_rows, read_rows

__all__ = [
    "LABELS", "CatalogReader", "FileError", "ListingReader", "RawLines", "Reject", "RowReader", "expand", "format_of",
    "open_rows", "read_listings", "read_rows",
]  # fmt: skip
