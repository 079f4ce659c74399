"""Reading catalogs in whatever state: every good row comes out, every bad one with its reason."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.files import FileError, ListingReader, Reject, expand, read_listings, read_rows
from data.files.delimited import CsvRows
from data.files.seen import SeenIds
from data.listing import Listing


def split(path: Path) -> tuple[list[str], list[Reject]]:
    """Ids of good rows, and the rejects."""
    values = [value for _, value in read_listings(path)]
    good = [value.id for value in values if isinstance(value, Listing)]
    return good, [value for value in values if isinstance(value, Reject)]


def write(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


CSV_FAULTS = [
    (b"b,baju \xff\xfe,1", "title: is not UTF-8"),
    (b"b,baju", "2 cells, but the header names 3 columns"),
    (b"b,baju,1,2", "4 cells, but the header names 3 columns"),
    (b"b,ba\0ju,1", "NUL byte"),
    (b"b," + b"x" * 200_000 + b",1", "longer than 131,072"),
    (b"b," + b"x," * 600_000 + b",1", "longer than a mebibyte"),
    (b"b," + b"x" * 501 + b",1", "title: String should have at most 500 characters"),
    (b"b,,1", "title: is required"),
    (b"b,   ,1", "title: String should have at least 1 character"),
    (b",baju,1", "id: is required"),
    (b"b,baju,murah", "'murah' is not a number"),
    (b"b,baju,-1", "price: Input should be greater than or equal to 0"),
    (b"b,baju,nan", "price"),
    (b"a,baju,1", "id: was already given"),
    (b'b,"baju" merah,1', "text after a closing quote"),
    (b'b,"baju,1', "closing quote"),
]


@pytest.mark.parametrize(("row", "reason"), CSV_FAULTS, ids=[str(i) for i in range(len(CSV_FAULTS))])
def test_a_broken_row_of_csv_does_not_take_its_neighbours(row: bytes, reason: str, tmp_path: Path) -> None:
    before, after = b'id,title,price\na,"baju\nmerah",1\n', b'\nc,"topi ""lebar""",2\nd,tas,\n'
    good, rejects = split(write(tmp_path / "in.csv", before + row + after))
    assert good == ["a", "c", "d"]
    (reject,) = rejects
    assert reason in reject.reason
    assert (reject.row, reject.line) == (2, 4)


def test_a_quote_that_is_never_closed_costs_its_row_alone(tmp_path: Path) -> None:
    good, rejects = split(write(tmp_path / "in.csv", b'id,title\na,baju\nb,"topi\nc,tas\nd,sepatu\n'))
    assert good == ["a", "c", "d"]
    assert [(reject.row, reject.id, reject.reason) for reject in rejects] == [(2, "b", "a quoted cell is never closed")]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("separator", [b",", b";", b"\t"])
def test_ways_to_write_csv(end: bytes, separator: bytes, tmp_path: Path) -> None:
    lines = [b"id,title,price,toko", b'a,"baju, ""merah""",10,x', b"", "b,面霜,5.5,".encode(), b"c,topi,,"]
    content = b"\xef\xbb\xbf" + end.join(lines).replace(b",", separator)
    reader = ListingReader(write(tmp_path / "in.csv", content))
    found = [value for _, value in reader]
    title = f'baju{separator.decode()} "merah"'
    assert found == [
        Listing(id="a", title=title, price=10.0),
        Listing(id="b", title="面霜", price=5.5),
        Listing(id="c", title="topi"),
    ]
    assert reader.unknown == {"toko": 3}
    assert reader.fraction == 1.0


JSON_FAULTS = [
    (b'{"id": "b", "title": "baju \xff"}', "is not UTF-8"),
    (b'{"id": "b", "title": ', "is not JSON"),
    (b"[1]", "is no JSON object"),
    (b'{"id": "b", "title": "a\0b"}', "NUL byte"),
    (b'{"id": "b", "title": "a\\u0000b"}', "title: holds a NUL byte"),
    (b'{"id": "b", "title": "' + b"x" * (1 << 21) + b'"}', "longer than a mebibyte"),
    (b'{"id": "b"}', "title: is required"),
    (b'{"id": 5, "title": "baju"}', "id: Input should be a valid string"),
    (b'{"id": "b", "title": "baju", "price": -1}', "price"),
    (b'{"id": "b", "title": "baju", "price": NaN}', "is not JSON"),
    (b'{"id": "b", "title": "baju", "price": 1e999}', ""),
    (b'{"id": "b", "title": "baju", "attributes": [1]}', "attributes"),
    (b'{"id": "b", "title": "baju", "attributes": {"a": 1}}', "attributes.a"),
    (b'{"id": "b", "title": "baju", "cross_border": "maybe"}', "neither true nor false"),
    (b'{"id": "b", "title": "\\ud800"}', ""),
    (b'{"id": "a", "title": "baju"}', "id: was already given"),
]


@pytest.mark.parametrize(("row", "reason"), JSON_FAULTS, ids=[str(i) for i in range(len(JSON_FAULTS))])
def test_a_broken_line_of_json_does_not_take_its_neighbours(row: bytes, reason: str, tmp_path: Path) -> None:
    content = b'\xef\xbb\xbf{"id": "a", "title": "baju"}\n\n' + row + b'\r\n{"id": "c", "title": "tas", "x": 1}'
    good, rejects = split(write(tmp_path / "in.jsonl", content))
    assert good == ["a", "c"]
    (reject,) = rejects
    assert reason in reject.reason
    assert (reject.row, reject.line) == (2, 3)


def table(path: Path, **columns: Any) -> Path:
    pq.write_table(pa.table(columns), path, row_group_size=2)
    return path


def test_parquet_types(tmp_path: Path) -> None:
    path = table(
        tmp_path / "in.parquet",
        id=pa.array(["a", "b", "c"]).dictionary_encode(),
        title=pa.array([b"baju", b"topi\xff", b"tas"]),
        price=pa.array([Decimal("1.50"), None, Decimal("2.00")]),
        attributes=pa.array([{"Bahan": "katun", "Warna": None}, None, None]),
        cross_border=[True, None, False],
        toko=[1, 2, 3],
    )
    reader = ListingReader(path)
    values = [value for _, value in reader]
    assert values[0] == Listing(id="a", title="baju", price=1.5, attributes={"Bahan": "katun"}, cross_border=True)
    assert values[1] == Reject(2, "title: is not UTF-8", "b")
    assert isinstance(values[2], Listing)
    assert reader.unknown == {"toko": 2}


def test_parquet_with_wrong_types(tmp_path: Path) -> None:
    path = table(tmp_path / "a.parquet", id=["a", "b"], title=["baju", "tas"], price=["5", "murah"])
    good, rejects = split(path)
    assert good == ["a"]
    assert "'murah' is not a number" in rejects[0].reason
    good, rejects = split(table(tmp_path / "b.parquet", id=["a"], title=[7], cross_border=[1]))
    assert good == []
    assert "title: Input should be a valid string" in rejects[0].reason


def test_text_in_parquet_that_is_not_utf8(tmp_path: Path) -> None:
    raw = pa.array([b"baju", b"\xff\xfe", b"tas"])
    broken = pa.Array.from_buffers(pa.string(), 3, raw.buffers())
    good, rejects = split(table(tmp_path / "in.parquet", id=["a", "b", "c"], title=broken))
    assert good == ["a", "c"]
    assert rejects == [Reject(2, "title: is not UTF-8", "b")]


def test_a_damaged_row_group_does_not_take_the_next(tmp_path: Path) -> None:
    path = tmp_path / "in.parquet"
    titles = [f"{'x' * 200} {i}" for i in range(6)]
    pq.write_table(
        pa.table({"id": list("abcdef"), "title": titles}),
        path,
        row_group_size=2,
        compression="gzip",
        use_dictionary=False,
    )
    chunk = pq.ParquetFile(path).metadata.row_group(1).column(1)
    content = bytearray(path.read_bytes())
    start = chunk.data_page_offset
    content[start : start + chunk.total_compressed_size] = b"\xff" * chunk.total_compressed_size
    path.write_bytes(content)
    good, rejects = split(path)
    assert good == ["a", "b", "e", "f"]
    (reject,) = rejects
    assert reject.row == 3
    assert "2 rows from here on are lost" in reject.reason


def test_gzip_and_where_it_breaks_off(tmp_path: Path) -> None:
    rows = [{"id": str(i), "title": f"baju {i * 7919 % 10007}"} for i in range(5000)]
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    cells = ("id,title\n" + "".join(f"{row['id']},{row['title']}\n" for row in rows)).encode()
    for name, content in (("in.jsonl.gz", lines), ("in.csv.gz", cells)):
        packed = gzip.compress(content)
        good, rejects = split(write(tmp_path / name, packed))
        assert (len(good), rejects) == (5000, [])
        good, rejects = split(write(tmp_path / name, packed[: len(packed) // 2]))
        assert good == [str(i) for i in range(len(good))]
        assert 1000 < len(good) < 4000
        (reject,) = rejects
        assert reject.row == len(good) + 1
        assert "ends too early" in reject.reason
    good, rejects = split(write(tmp_path / "in.csv.gz", b"no gzip at all"))
    assert (good, len(rejects)) == ([], 1)


@pytest.mark.parametrize("name", ["in.csv", "in.jsonl", "in.parquet", "in.csv.gz"])
def test_an_empty_file(name: str, tmp_path: Path) -> None:
    good, rejects = split(write(tmp_path / name, b""))
    assert good == []
    assert [(reject.row, reject.reason) for reject in rejects] == [(1, "the file is empty")]


def test_a_header_alone_is_no_fault(tmp_path: Path) -> None:
    assert split(write(tmp_path / "in.csv", b"id,title\r\n")) == ([], [])


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("in.csv", b"id,name\na,b\n", "there is no column 'title'"),
        ("in.csv", b"id,title,title\na,b,c\n", "column 'title' is there twice"),
        ("in.csv", "id,title\na,b\n".encode("utf-16"), "UTF-16"),
        ("in.parquet", b"PAR1 and nothing more", "no Parquet file, or is cut short"),
        ("in.xlsx", b"x", "none of .csv"),
    ],
)
def test_files_that_cannot_be_read_at_all(name: str, content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match=message):
        split(write(tmp_path / name, content))


def test_what_a_name_means(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no such file"):
        expand(tmp_path / "missing.csv")
    with pytest.raises(FileError, match="holds no"):
        expand(tmp_path)
    names = [write(tmp_path / name, b"id,title\n") for name in ("b.csv", "a.jsonl", "c.txt", "d.csv.gz")]
    assert expand(tmp_path) == [names[1], names[0], names[3]]
    assert expand(f"{tmp_path}/*.csv") == [names[0]]


def test_labelled_rows_keep_their_labels(tmp_path: Path) -> None:
    path = write(tmp_path / "in.csv", b"id,title,hs,clusters,note\na,baju,6109,hijab|mukena,x\n")
    assert list(read_rows(path)) == [(1, {"id": "a", "title": "baju", "hs": "6109", "clusters": "hijab|mukena"})]


def test_unknown_columns_are_counted_up_to_a_hundred_names(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"id": str(i), "title": "x", f"k{i}": 1}) + "\n" for i in range(150))
    reader = ListingReader(write(tmp_path / "in.jsonl", lines.encode()))
    assert sum(isinstance(value, Listing) for _, value in reader) == 150
    assert len(reader.unknown) == 101
    assert reader.unknown["(others)"] == 50


def test_seen_ids_are_exact_across_merges() -> None:
    seen = SeenIds(recent=100)
    assert all(seen.add(f"id-{i}") for i in range(1050))
    assert not any(seen.add(f"id-{i}") for i in range(1050))
    assert len(seen) == 1050


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pieces=st.lists(st.sampled_from([b'"', b",", b"\n", b"\r", b"a", b"\0", b"\xff", b"x,y\n", b'"q"', b"\n1,2\n"])))
def test_any_bytes_come_to_an_end_and_no_row_is_numbered_twice(pieces: list[bytes], tmp_path: Path) -> None:
    rows = list(CsvRows(write(tmp_path / "any.csv", b"id,title\n" + b"".join(pieces))))
    assert [row for row, _ in rows] == list(range(1, len(rows) + 1))
