"""Labelled files: what is read, and errors that name row and column."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.labels import LabelError, read_labelled


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_labels_are_read(tmp_path: Path) -> None:
    path = write(
        tmp_path, "id,title,hs,hs_also,clusters,origin\n1,hijab,621430,6117|621410,hijab|batik,CN\n2,kopi,0901,,,\n"
    )
    first, second = read_labelled(path)
    assert (first.hs, first.hs_also, first.clusters, first.origin) == (
        "621430",
        ("6117", "621410"),
        {"hijab", "batik"},
        "CN",
    )
    assert (second.hs, second.clusters, second.origin) == ("0901", frozenset(), None)


def test_a_missing_cluster_column_means_unlabelled(tmp_path: Path) -> None:
    assert read_labelled(write(tmp_path, "id,title,hs\n1,kopi,0901\n"))[0].clusters is None


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1,kopi,99x,,,", "row 1, column hs: '99x'"),
        ("1,kopi,999999,,,", "row 1, column hs: '999999' has no heading"),
        ("1,kopi,12345,,,", "row 1, column hs"),
        ("1,kopi,0901,77,,", "row 1, column hs_also"),
        ("1,kopi,0901,,scarves,", "row 1, column clusters: 'scarves'"),
        ("1,kopi,0901,,,Cina", "row 1, column origin: 'Cina'"),
        ("1,,0901,,,", "row 1, column title"),
        ("1,kopi,,,,", "no usable row"),
    ],
)
def test_faults_name_row_and_column(tmp_path: Path, row: str, message: str) -> None:
    columns = (
        "id,title,hs,hs_also,clusters,origin" if "no usable" not in message else "id,title,hs,hs_also,other,origin"
    )
    with pytest.raises(LabelError, match=message.split(":")[0]):
        read_labelled(write(tmp_path, f"{columns}\n{row}\n"))


def test_labels_are_read_from_json_lines_and_parquet(tmp_path: Path) -> None:
    lines = tmp_path / "labels.jsonl"
    lines.write_text('{"id": "1", "title": "hijab", "hs": 6214}\n{"id": "2", "title": "kopi", "clusters": ""}\n')
    first, second = read_labelled(lines)
    assert (first.hs, first.clusters, second.hs, second.clusters) == ("6214", None, None, frozenset())
    table = tmp_path / "labels.parquet"
    columns = {
        "id": ["1", "2"], "title": ["hijab", "kopi"], "hs": ["621430", None], "price": [5, None],
        "cross_border": [True, None],
        "attributes": pa.array([[("Bahan", "voal")], None], pa.map_(pa.string(), pa.string())),
    }  # fmt: skip
    pq.write_table(pa.table(columns), table)
    first, second = read_labelled(table)
    assert (first.listing.attributes, first.listing.price, first.listing.cross_border) == ({"Bahan": "voal"}, 5.0, True)
    assert (second.hs, second.listing.price, second.listing.cross_border) == (None, None, None)


def test_faults_of_cells_and_lines_name_row_and_column(tmp_path: Path) -> None:
    path = write(tmp_path, 'id,title,hs,price\n1,kopi,0901,murah\n1,kopi,0901,5\n1,teh,0902,5\n2,"kopi,0901,5\n')
    with pytest.raises(LabelError) as error:
        read_labelled(path)
    for part in ("row 1, column price: 'murah'", "row 3, column id: '1' is that of row 2", "row 4, a quoted cell"):
        assert part in str(error.value)


def test_missing_columns_and_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="no column 'title'"):
        read_labelled(write(tmp_path, "id,hs\n1,0901\n"))
    with pytest.raises(LabelError, match="no such file"):
        read_labelled(tmp_path / "none.csv")
