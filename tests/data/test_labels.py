"""Labelled files: what is read, and errors that name row and column."""

from __future__ import annotations

from pathlib import Path

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


def test_missing_columns_and_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(LabelError, match="column title is missing"):
        read_labelled(write(tmp_path, "id,hs\n1,0901\n"))
    with pytest.raises(LabelError, match="no such file"):
        read_labelled(tmp_path / "none.csv")
