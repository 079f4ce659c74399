"""The Ray engine: the local engine's results, in the local engine's order."""

from __future__ import annotations

import os
import sys
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from serving.__main__ import main
from serving.catalog import OutputError, score
from serving.catalog.ray_engine import score_on_ray

sys.path.insert(0, str(Path(__file__).parent))
from catalog_stub import load_stub  # noqa: E402

DAY = date(2026, 11, 1)


@pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is installed")
def test_without_ray_the_error_says_what_to_install(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["score", str(tmp_path), str(tmp_path / "out"), "--engine", "ray"]) == 2
    printed = capsys.readouterr().err
    assert "pabean[ray]" in printed
    assert printed.count("\n") == 1


@pytest.mark.skipif(find_spec("ray") is None, reason="needs Ray")
def test_ray_equals_local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent), prepend=os.pathsep)
    folder = tmp_path / "in"
    folder.mkdir()
    for part in range(2):
        ids = [f"A-{i % 450}" for i in range(part * 300, part * 300 + 300)]
        titles = [None if i % 50 == 7 else f"hijab {i}" for i in range(300)]
        pq.write_table(pa.table({"id": ids, "title": titles, "x": ids}), folder / f"{part}.parquet", row_group_size=70)
    local = score(folder, tmp_path / "local.parquet", load=load_stub, as_of=DAY)
    spread = score_on_ray(folder, tmp_path / "ray.parquet", load=load_stub, as_of=DAY, workers=2)
    assert pq.read_table(tmp_path / "ray.parquet").to_pylist() == pq.read_table(tmp_path / "local.parquet").to_pylist()
    rejects = [(tmp_path / f"{name}.parquet.rejects.jsonl").read_bytes() for name in ("local", "ray")]
    assert rejects[0] == rejects[1]
    for name in ("rows", "scored", "rejected", "decisions", "rules", "unknown_columns", "model_version"):
        assert getattr(spread, name) == getattr(local, name)
    with pytest.raises(OutputError, match="is there already"):
        score_on_ray(folder, tmp_path / "ray.parquet", load=load_stub, as_of=DAY)
