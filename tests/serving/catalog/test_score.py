"""Scoring catalogs: formats agree, order holds, nothing depends on chunks, processes or neighbours."""

from __future__ import annotations

import csv
import json
import random
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from data.files import FileError, read_listings
from data.listing import Listing
from serving.catalog import Options, OutputError, Summary, score

sys.path.insert(0, str(Path(__file__).parent))
from catalog_stub import load_stub  # noqa: E402

DAY = date(2026, 11, 1)


def run(source: Path | str, out: Path, **options: Any) -> Summary:
    return score(source, out, load=load_stub, as_of=DAY, options=Options(**options))


def results(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_three_formats_give_the_same_bytes(catalogs: dict[str, Path], tmp_path: Path) -> None:
    written = []
    for kind, source in catalogs.items():
        summary = run(source, tmp_path / f"{kind}.jsonl")
        assert (summary.rows, summary.scored, summary.rejected) == (250, 250, 0)
        assert summary.unknown_columns == {"toko": 250}
        written.append((tmp_path / f"{kind}.jsonl").read_bytes())
    assert written[0] == written[1] == written[2]


def test_outputs_of_three_formats_say_the_same(catalogs: dict[str, Path], tmp_path: Path) -> None:
    for kind in ("jsonl", "csv", "parquet"):
        run(catalogs["csv"], tmp_path / f"out.{kind}", chunk=64)
    lines = results(tmp_path / "out.jsonl")
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as handle:
        cells = list(csv.DictReader(handle))
    table = pq.read_table(tmp_path / "out.parquet").to_pylist()
    assert len(lines) == len(cells) == len(table) == 250
    for line, row, record in zip(lines, cells, table, strict=True):
        for found in (row, record):
            assert (found["id"], found["decision"]) == (line["id"], line["decision"])
            assert (found["hs_code"] or None) == line["hs"]["code"]
            assert float(found["imported"]) == line["origin"]["imported"]
            assert found["rules"] == "|".join(flag["rule"] for flag in line["flags"])
            assert json.loads(found["hs"]) == line["hs"]
            assert json.loads(found["flags"]) == line["flags"]


def test_lines_have_the_contracts_shape(catalogs: dict[str, Path], tmp_path: Path) -> None:
    summary = run(catalogs["jsonl"], tmp_path / "out.jsonl")
    lines = results(tmp_path / "out.jsonl")
    assert [line["id"] for line in lines] == [f"A-{i}" for i in range(250)]
    for line in lines:
        assert list(line) == [
            "id", "decision", "hs", "clusters", "origin", "flags", "warnings",
            "model_version", "policy_version", "facts",
        ]  # fmt: skip
        assert line["model_version"] == "stub-1"
        assert line["policy_version"] == summary.policy_version
    assert summary.decisions["reject"] > 0
    assert sum(summary.decisions.values()) == 250
    assert summary.abstained == sum(line["hs"]["code"] is None for line in lines)
    counts = Counter((flag["rule"], flag["action"]) for line in lines for flag in line["flags"])
    assert {(rule, name): n for rule, actions in summary.rules.items() for name, n in actions.items()} == counts
    assert counts
    assert json.loads((tmp_path / "out.jsonl.summary.json").read_text()) == summary.as_json()


def test_only_the_four_files_are_left(catalogs: dict[str, Path], tmp_path: Path) -> None:
    for kind in ("jsonl", "csv", "parquet"):
        out = tmp_path / kind / f"o.{kind}"
        out.parent.mkdir()
        run(catalogs["csv"], out)
        assert {path.name for path in out.parent.iterdir()} == {
            out.name, f"{out.name}.rejects.jsonl", f"{out.name}.summary.json",
        }  # fmt: skip


def test_chunks_and_processes_change_nothing(catalogs: dict[str, Path], tmp_path: Path) -> None:
    run(catalogs["csv"], tmp_path / "one.jsonl")
    run(catalogs["csv"], tmp_path / "small.jsonl", chunk=7)
    run(catalogs["csv"], tmp_path / "two.jsonl", chunk=11, workers=2)
    whole = (tmp_path / "one.jsonl").read_bytes()
    assert whole == (tmp_path / "small.jsonl").read_bytes() == (tmp_path / "two.jsonl").read_bytes()


def test_the_model_answers_alike_alone_and_in_any_order(
    tiny_bundle: Path, catalogs: dict[str, Path], tmp_path: Path
) -> None:
    lines = catalogs["jsonl"].read_text(encoding="utf-8").splitlines()[:40]
    shuffled = random.Random(3).sample(lines, len(lines))
    written: dict[str, dict[str, Any]] = {}
    for name, given, chunk in (("whole", lines, 40), ("alone", lines, 1), ("shuffled", shuffled, 9)):
        (tmp_path / f"{name}.in.jsonl").write_text("\n".join(given), encoding="utf-8")
        out = tmp_path / f"{name}.jsonl"
        score(tmp_path / f"{name}.in.jsonl", out, model=str(tiny_bundle), as_of=DAY, options=Options(chunk=chunk))
        written[name] = {line["id"]: line for line in results(out)}
    assert written["whole"] == written["alone"] == written["shuffled"]


def test_a_listing_that_breaks_the_model_is_a_reject(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,title\na,baju\nb,meledak\nc,topi\n")
    for chunk in (1, 100):
        summary = run(tmp_path / "in.csv", tmp_path / "out.jsonl", chunk=chunk)
        assert (summary.scored, summary.rejected) == (2, 1)
        assert [line["id"] for line in results(tmp_path / "out.jsonl")] == ["a", "c"]
        (reject,) = results(tmp_path / "out.jsonl.rejects.jsonl")
        assert (reject["row"], reject["id"]) == (2, "b")
        assert "boom" in reject["reason"]


def test_a_model_that_fails_on_everything_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,title\n" + "".join(f"{i},meledak\n" for i in range(40)))
    with pytest.raises(RuntimeError, match="boom"):
        run(tmp_path / "in.csv", tmp_path / "out.jsonl")


def test_directories_and_globs_are_one_catalog(tmp_path: Path) -> None:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "a.csv").write_text("id,title\n1,baju\n2,topi\n")
    (folder / "b.jsonl").write_text('{"id": "3", "title": "tas"}\n{"id": "1", "title": "lagi"}\n')
    (folder / "c.csv").write_text("")
    (folder / "d.parquet").write_bytes(b"no parquet")
    (folder / "e.csv").write_text("name,price\nx,1\n")
    (folder / "notes.txt").write_text("not read")
    for source in (folder, str(folder / "*")):
        summary = run(source, tmp_path / "out.jsonl")
        assert [line["id"] for line in results(tmp_path / "out.jsonl")] == ["1", "2", "3"]
        rejects = results(tmp_path / "out.jsonl.rejects.jsonl")
        assert [(Path(reject["file"]).name, reject["row"]) for reject in rejects] == [
            ("b.jsonl", 2), ("c.csv", 1), ("d.parquet", 1), ("e.csv", 1),
        ]  # fmt: skip
        assert (summary.scored, summary.rejected) == (3, 4)


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_nothing_to_score_still_gives_files(kind: str, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("id,title\n")
    out = tmp_path / f"out.{kind}"
    summary = run(tmp_path / "in.csv", out)
    assert (summary.rows, summary.rejected) == (0, 0)
    if kind == "parquet":
        assert pq.read_table(out).num_rows == 0
    else:
        assert len(out.read_text().splitlines()) == (kind == "csv")


def test_output_that_cannot_be_is_refused(catalogs: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="no such directory"):
        run(catalogs["csv"], tmp_path / "nowhere" / "out.jsonl")
    with pytest.raises(OutputError, match="overwritten"):
        run(catalogs["csv"], catalogs["csv"])
    with pytest.raises(FileError, match=r"none of \.csv"):
        run(catalogs["csv"], tmp_path / "out.xlsx")
    with pytest.raises(FileError, match="no such file"):
        run(tmp_path / "missing.csv", tmp_path / "out.jsonl")


def test_listings_read_back_are_those_written(catalogs: dict[str, Path]) -> None:
    read = [[listing for _, listing in read_listings(path)] for path in catalogs.values()]
    assert read[0] == read[1] == read[2]
    assert all(isinstance(listing, Listing) for listing in read[0])
