"""Listings from files: every row becomes a listing or a reject with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data.files.catalog import CatalogReader
from data.files.rows import Reject, RowReader
from data.files.seen import SeenIds
from data.files.sources import open_rows
from data.listing import FIELDS, Listing, faults, from_row

WANTED = frozenset(FIELDS)


class ListingReader(CatalogReader):
    """The listings of a catalog; see :class:`CatalogReader`.

    An id counts once over all files; of listings with the same id, the first that is valid stands.
    """

    def __init__(self, source: str | Path) -> None:
        super().__init__(source)
        self._seen = SeenIds()

    def open(self, path: Path) -> RowReader:
        """The reader of one file, which keeps the columns of a listing."""
        return open_rows(path, WANTED)

    def convert(self, row: int, value: dict[str, Any] | Reject) -> Listing | Reject:
        """The listing of a raw row."""
        listing = listing_of(row, value)
        if isinstance(listing, Listing) and not self._seen.add(listing.id):
            return duplicate(row, listing)
        return listing


def listing_of(row: int, value: dict[str, Any] | Reject) -> Listing | Reject:
    """The listing of a raw row, whatever ids came before it."""
    if isinstance(value, Reject):
        return value
    name = value.get("id")
    known = None if name is None or name == "" else str(name)[:128]
    try:
        return from_row(value)
    except ValidationError as error:
        return Reject(row, "; ".join(f"{fault.field}: {fault.message}" for fault in faults(error)), known)
    except ValueError as error:
        return Reject(row, str(error), known)
    except (TypeError, OverflowError, RecursionError):
        return Reject(row, "attributes or price: not of the right shape", known)


def duplicate(row: int, listing: Listing) -> Reject:
    """The reject for an id that another listing has."""
    return Reject(row, "id: was already given to another listing", listing.id)


def read_listings(source: str | Path) -> Iterator[tuple[int, Listing | Reject]]:
    """Row number, and listing or reject, of all rows of a catalog; see :class:`ListingReader`."""
    yield from ListingReader(source)
