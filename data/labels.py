"""Labelled listings: the contract's listing with HS, clusters and origin, for training and evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from data.clusters import CLUSTERS
from data.countries import ISO_COUNTRIES, UNKNOWN_ABROAD
from data.files import LABELS, FileError, Reject, read_rows
from data.hs import load_nomenclature
from data.listing import FIELDS, Listing, faults, from_row

SHOWN = 10


class LabelError(ValueError):
    """A labelled file cannot be used; the message names file, row and column."""


@dataclass(frozen=True)
class LabelledListing:
    """A listing with what is known of it.

    Attributes
    ----------
    hs : best code, 2 to 8 digits, or ``None``.
    hs_also : other codes or headings that a competent classifier could defend.
    clusters : names; empty means none, ``None`` means unlabelled.
    origin : country of manufacture, ``XX`` for abroad, or ``None``.
    """

    listing: Listing
    hs: str | None = None
    hs_also: tuple[str, ...] = ()
    clusters: frozenset[str] | None = None
    origin: str | None = None


def read_labelled(path: Path) -> list[LabelledListing]:
    """All rows of a labelled .csv, .jsonl or .parquet file.

    A code must have two to eight digits and a heading of HS 2022; subheadings of earlier editions are
    taken as they are, since platforms' labels are older than the nomenclature.

    Raises
    ------
    LabelError
        With the first faults, each with row (1 is the first data row) and column; or where no row has a label.
    """
    found: list[LabelledListing] = []
    wrong: list[str] = []
    rows_of: dict[str, int] = {}
    try:
        for row, value in read_rows(path):
            item = _item(value)
            if isinstance(item, LabelledListing):
                first = rows_of.setdefault(item.listing.id, row)
                if first == row:
                    found.append(item)
                    continue
                item = [f"column id: {item.listing.id!r} is that of row {first} already"]
            wrong += [f"row {row}, {fault}" for fault in item]
            if len(wrong) >= SHOWN:
                break
    except (FileError, OSError) as error:
        raise LabelError(str(error)) from None
    if wrong:
        raise LabelError(f"{path}: " + "; ".join(wrong[:SHOWN]))
    if not any(item.hs or item.clusters is not None or item.origin for item in found):
        raise LabelError(f"{path}: no usable row: none has a label in one of the columns {', '.join(LABELS)}")
    return found


def _item(value: Mapping[str, Any] | Reject) -> LabelledListing | list[str]:
    """A row as a labelled listing, or its faults, each with the column where it is one column's."""
    if isinstance(value, Reject):
        return [_placed(value.reason)]
    try:
        return _labelled(value)
    except ValidationError as error:
        return [f"column {fault.field}: {fault.message}" for fault in faults(error)]
    except ValueError as error:
        return [_placed(str(error))]


def _placed(reason: str) -> str:
    return f"column {reason}" if reason.partition(":")[0] in (*FIELDS, *LABELS) else reason


def _labelled(row: Mapping[str, Any]) -> LabelledListing:
    hs = _text(row.get("hs"))
    if hs:
        _check_code(hs, "hs")
    also = _parts(row.get("hs_also"))
    for code in also:
        _check_code(code, "hs_also")
    clusters = frozenset(_parts(row["clusters"])) if "clusters" in row else None
    for name in clusters or ():
        if name not in CLUSTERS:
            raise ValueError(f"clusters: {name!r} is not one of {', '.join(CLUSTERS)}")
    origin = _text(row.get("origin"))
    if origin and origin not in ISO_COUNTRIES and origin != UNKNOWN_ABROAD:
        raise ValueError(f"origin: {origin!r} is no ISO 3166-1 alpha-2 code (or XX)")
    return LabelledListing(from_row(row), hs or None, also, clusters, origin or None)


def _check_code(code: str, column: str) -> None:
    names = load_nomenclature()
    if not (code.isascii() and code.isdigit() and 2 <= len(code) <= 8):
        raise ValueError(f"{column}: {code!r} is not an HS code of 2 to 8 digits")
    if code[:4] not in names and not (len(code) == 2 and code in names):
        raise ValueError(f"{column}: {code!r} has no heading in HS {names.edition}")


def _parts(value: Any) -> tuple[str, ...]:
    return tuple(part.strip() for part in _text(value).split("|") if part.strip())


def _text(value: Any) -> str:
    return "" if value is None or value != value else str(value).strip()
