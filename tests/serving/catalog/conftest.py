"""A small catalog in all three formats, and the stub's module where worker processes find it."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).parent))

WORDS = ("hijab segiempat", "sepatu lari, pria", 'layar 5" gores', "kopi susu\nbotol", "面霜 murah", "lipstik ✨ matte")


def catalog_rows(count: int) -> list[dict[str, Any]]:
    """Listings as rows: quotes, commas, line breaks, other scripts, empty cells."""
    return [
        {
            "id": f"A-{i}",
            "title": f"{WORDS[i % len(WORDS)]} {i}",
            "description": None if i % 3 else f"deskripsi {i}\r\nbaris dua",
            "attributes": None if i % 4 else {"Bahan": "katun"},
            "price": None if i % 5 == 0 else 1500.5 * i,
            "ship_from": ("ID", "CN", None)[i % 3],
            "cross_border": None if i % 2 else i % 3 == 1,
            "toko": f"toko {i % 9}",
        }
        for i in range(count)
    ]


def write_rows(path: Path, rows: list[dict[str, Any]]) -> Path:
    """Rows as a file of whatever format the name says."""
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    elif path.suffix == ".parquet":
        kind = pa.map_(pa.string(), pa.string())
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        columns["attributes"] = pa.array([row["attributes"] and list(row["attributes"].items()) for row in rows], kind)
        pq.write_table(pa.table(columns), path, row_group_size=100)
    else:
        with path.open("w", encoding="utf-8", newline="") as handle:
            writer = csv.DictWriter(handle, rows[0].keys())
            writer.writeheader()
            for row in rows:
                attributes, abroad = row["attributes"], row["cross_border"]
                cells = {**row, "attributes": json.dumps(attributes) if attributes else ""}
                writer.writerow({**cells, "cross_border": "" if abroad is None else str(abroad).lower()})
    return path


@pytest.fixture
def catalogs(tmp_path: Path) -> dict[str, Path]:
    """The same 250 listings as CSV, JSON Lines and Parquet."""
    folder = tmp_path / "in"
    folder.mkdir()
    return {kind: write_rows(folder / f"catalog.{kind}", catalog_rows(250)) for kind in ("csv", "jsonl", "parquet")}
