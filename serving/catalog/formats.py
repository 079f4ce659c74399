"""How results lie in files. A chunk becomes bytes that can be appended; the end makes the file of them.

The columns of CSV and Parquet: a few flat ones to filter by, then the fields of the result object, nested
ones as JSON text. The flat ones repeat what the object says, so reading back needs only the others.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

NESTED = ("hs", "clusters", "origin", "flags", "warnings", "facts")
FIELDS = (
    "id", "decision", "hs", "clusters", "origin", "flags", "warnings", "model_version", "policy_version", "facts",
)  # fmt: skip
NUMBERS = frozenset({"hs_confidence", "imported"})
COLUMNS = (
    "id", "decision", "hs_code", "hs_level", "hs_confidence", "cluster_names", "imported", "origin_country", "rules",
    *FIELDS[2:],
)  # fmt: skip
SCHEMA = pa.schema([(name, pa.float64() if name in NUMBERS else pa.string()) for name in COLUMNS])
GROUP_ROWS = 16_384
IPC_OPTIONS = pa.ipc.IpcWriteOptions(compression="zstd")
Results = Iterable[Mapping[str, Any]]


def flat(result: Mapping[str, Any]) -> dict[str, Any]:
    """The row of a table for a result object."""
    values = {
        **result,
        "hs_code": result["hs"].get("code"),
        "hs_level": result["hs"].get("level"),
        "hs_confidence": result["hs"].get("confidence"),
        "cluster_names": "|".join(cluster["name"] for cluster in result["clusters"]),
        "imported": result["origin"].get("imported"),
        "origin_country": result["origin"].get("country"),
        "rules": "|".join(flag["rule"] for flag in result["flags"]),
    }
    for name in NESTED:
        values[name] = orjson.dumps(result[name]).decode()
    return {name: values[name] for name in COLUMNS}


def unflat(row: Mapping[str, Any]) -> dict[str, Any]:
    """The result object of a table's row.

    Raises
    ------
    ValueError, KeyError, TypeError
        Where a column is missing or its cell is no JSON.
    """
    return {name: orjson.loads(row[name]) if name in NESTED else row[name] for name in FIELDS}


@dataclass(frozen=True)
class JsonLines:
    """A result object a line."""

    def head(self) -> bytes:
        """What stands before the first chunk."""
        return b""

    def encode(self, results: Results) -> bytes:
        """A chunk of results, ready to be appended."""
        return b"".join(orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE) for result in results)

    def finish(self, part: Path, out: Path) -> None:
        """Makes the file of the appended chunks; it appears whole or not at all."""
        os.replace(part, out)


@dataclass(frozen=True)
class Csv(JsonLines):
    """A row of cells a result."""

    def head(self) -> bytes:
        return (",".join(COLUMNS) + "\n").encode()

    def encode(self, results: Results) -> bytes:
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows([flat(result).values() for result in results])
        return text.getvalue().encode()


@dataclass(frozen=True)
class Parquet(JsonLines):
    """Chunks wait as Arrow streams, one after the other, since a Parquet file cannot be appended to."""

    def encode(self, results: Results) -> bytes:
        sink = io.BytesIO()
        table = pa.Table.from_pylist([flat(result) for result in results], SCHEMA)
        with pa.ipc.new_stream(sink, SCHEMA, options=IPC_OPTIONS) as writer:
            writer.write_table(table)
        return sink.getvalue()

    def finish(self, part: Path, out: Path) -> None:
        whole = part.with_name(part.name + ".parquet")
        size = part.stat().st_size
        with part.open("rb") as handle, pq.ParquetWriter(whole, SCHEMA, compression="zstd") as writer:
            waiting: list[pa.Table] = []
            while handle.tell() < size:
                waiting.append(pa.ipc.open_stream(handle).read_all())
                if sum(table.num_rows for table in waiting) >= GROUP_ROWS:
                    writer.write_table(pa.concat_tables(waiting))
                    waiting = []
            if waiting:
                writer.write_table(pa.concat_tables(waiting))
        with whole.open("rb") as handle:
            os.fsync(handle.fileno())
        os.replace(whole, out)
        part.unlink()


FORMATS: dict[str, JsonLines] = {"jsonl": JsonLines(), "csv": Csv(), "parquet": Parquet()}
