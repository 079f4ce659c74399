"""Stored results decided anew: what ``score`` says, without the model."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import pytest

from serving.catalog import Options, decide, score

sys.path.insert(0, str(Path(__file__).parent))
from catalog_stub import load_stub  # noqa: E402

DAY, LATER = date(2021, 1, 1), date(2026, 11, 1)
KINDS = ("jsonl", "csv", "parquet")


@pytest.mark.parametrize("kind", KINDS)
def test_decide_gives_what_score_gives(kind: str, catalogs: dict[str, Path], tmp_path: Path) -> None:
    score(catalogs["jsonl"], tmp_path / f"early.{kind}", load=load_stub, as_of=DAY)
    scored = score(catalogs["jsonl"], tmp_path / "late.jsonl", load=load_stub, as_of=LATER)
    decided = decide(tmp_path / f"early.{kind}", tmp_path / "decided.jsonl", as_of=LATER)
    assert (tmp_path / "decided.jsonl").read_bytes() == (tmp_path / "late.jsonl").read_bytes()
    assert (decided.decisions, decided.rules, decided.abstained) == (scored.decisions, scored.rules, scored.abstained)
    assert decided.unknown_columns == {}
    score(catalogs["jsonl"], tmp_path / "early.jsonl", load=load_stub, as_of=DAY)
    assert (tmp_path / "early.jsonl").read_bytes() != (tmp_path / "late.jsonl").read_bytes()


def test_processes_change_nothing(catalogs: dict[str, Path], tmp_path: Path) -> None:
    score(catalogs["jsonl"], tmp_path / "in.jsonl", load=load_stub, as_of=LATER)
    decide(tmp_path / "in.jsonl", tmp_path / "out.jsonl", as_of=LATER, options=Options(workers=2, chunk=30))
    assert (tmp_path / "in.jsonl").read_bytes() == (tmp_path / "out.jsonl").read_bytes()


def test_lines_that_are_no_results_are_rejects(catalogs: dict[str, Path], tmp_path: Path) -> None:
    score(catalogs["jsonl"], tmp_path / "in.jsonl", load=load_stub, as_of=LATER)
    good = (tmp_path / "in.jsonl").read_bytes().splitlines(keepends=True)[:3]
    result = json.loads(good[0])
    bad = [
        b'{"id": "half', b"[]\n", b"null\n", b'{"id": "x", "title": "a listing"}\n', b"\xff\xfe\n",
        json.dumps({**result, "facts": None}).encode() + b"\n",
        json.dumps({**result, "clusters": [{"name": "hijab"}]}).encode() + b"\n",
        json.dumps({**result, "hs": {"candidates": [1]}}).encode() + b"\n",
        json.dumps({**result, "id": 7}).encode() + b"\n",
    ]  # fmt: skip
    bad[0] += b"\n"
    (tmp_path / "mixed.jsonl").write_bytes(good[0] + b"".join(bad) + b"\n" + good[1] + good[2])
    summary = decide(tmp_path / "mixed.jsonl", tmp_path / "out.jsonl", as_of=LATER)
    assert (tmp_path / "out.jsonl").read_bytes() == b"".join(good)
    rejects = [json.loads(line) for line in (tmp_path / "out.jsonl.rejects.jsonl").read_text().splitlines()]
    assert [reject["row"] for reject in rejects] == list(range(2, 11))
    assert "is not JSON" in rejects[0]["reason"]
    assert "no stored result" in rejects[3]["reason"]
    assert (summary.scored, summary.rejected) == (3, 9)
