"""A run that is killed goes on where it stood, without losing or doubling a row."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from serving.catalog import Options, OutputError, score

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from catalog_stub import load_stub  # noqa: E402

DAY = date(2026, 11, 1)
ROOT = HERE.parents[2]


def broken_catalog(path: Path, rows: int = 1000) -> Path:
    """Every tenth row is a fault, every eleventh id is there twice."""
    lines = ["id,title,price,extra"]
    for i in range(rows):
        name = i - 3 if i % 11 == 10 else i
        lines.append(f"A-{name},{'' if i % 10 == 9 else f'baju {i}'},{i},x")
    path.write_text("\n".join(lines) + "\n")
    return path


def kill_in_the_middle(source: Path, out: Path) -> int:
    """Starts a slow run and kills it without notice; the rows that its checkpoint knows."""
    call = f"score_slowly({str(source)!r}, {str(out)!r})"
    code = f"from catalog_stub import score_slowly\nif __name__ == '__main__':\n    {call}"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(HERE)])}
    script = out.with_suffix(".py")
    script.write_text(code)
    process = subprocess.Popen([sys.executable, str(script)], env=environment)
    checkpoint = out.with_name(out.name + ".checkpoint.json")
    deadline = time.monotonic() + 60
    done = 0
    while done < 200 and time.monotonic() < deadline and process.poll() is None:
        time.sleep(0.02)
        if checkpoint.exists():
            done = json.loads(checkpoint.read_text())["rows"]
    process.send_signal(signal.SIGKILL)
    process.wait()
    return int(json.loads(checkpoint.read_text())["rows"])


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_killed_and_resumed_equals_undisturbed(kind: str, tmp_path: Path) -> None:
    source = broken_catalog(tmp_path / "in.csv")
    whole, out = tmp_path / f"whole.{kind}", tmp_path / f"out.{kind}"
    undisturbed = score(source, whole, load=load_stub, as_of=DAY)
    done = kill_in_the_middle(source, out)
    assert 200 <= done < 1000
    assert not out.exists()
    with out.with_name(out.name + ".part").open("ab") as part:
        part.write(b"half a line that no checkpoint knows")
    resumed = score(source, out, load=load_stub, options=Options(resume=True, chunk=33))
    if kind == "parquet":
        assert pq.read_table(out) == pq.read_table(whole)
    else:
        assert out.read_bytes() == whole.read_bytes()
    rejects = [path.with_name(path.name + ".rejects.jsonl").read_bytes() for path in (out, whole)]
    assert rejects[0] == rejects[1]
    assert resumed.as_of == "2026-11-01"
    for name in ("rows", "scored", "rejected", "abstained", "decisions", "rules", "unknown_columns"):
        assert getattr(resumed, name) == getattr(undisturbed, name)


def interrupted(source: Path, out: Path) -> None:
    """Leaves a run in its middle."""

    class Stops:
        version = "stub-1"
        calls = 0

        def predict(self, listings, facts=True):  # type: ignore[no-untyped-def]
            self.calls += 1
            if self.calls > 3:
                raise KeyboardInterrupt
            return load_stub().predict(listings)

    with pytest.raises(KeyboardInterrupt):
        score(source, out, load=Stops, as_of=DAY, options=Options(chunk=50))


def test_resuming_another_run_is_refused(tmp_path: Path) -> None:
    source, out = broken_catalog(tmp_path / "in.csv", 300), tmp_path / "out.jsonl"
    interrupted(source, out)
    with pytest.raises(OutputError, match="another as_of"):
        score(source, out, load=load_stub, as_of=date(2026, 1, 1), options=Options(resume=True))
    with source.open("a") as handle:
        handle.write("B-1,tas,1,x\n")
    with pytest.raises(OutputError, match="another input"):
        score(source, out, load=load_stub, options=Options(resume=True))
    assert score(source, out, load=load_stub, as_of=DAY).rows == 301


def test_a_kill_while_the_files_are_put_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, out, whole = broken_catalog(tmp_path / "in.csv", 300), tmp_path / "out.parquet", tmp_path / "whole.parquet"
    score(source, whole, load=load_stub, as_of=DAY)
    monkeypatch.setattr("serving.catalog.formats.pq.ParquetWriter.write_table", _interrupt)
    with pytest.raises(KeyboardInterrupt):
        score(source, out, load=load_stub, as_of=DAY)
    monkeypatch.undo()
    assert not out.exists()
    score(source, out, load=load_stub, options=Options(resume=True))
    assert pq.read_table(out) == pq.read_table(whole)
    assert not list(tmp_path.glob("*.part*"))
    assert not list(tmp_path.glob("*.checkpoint.json"))


def _interrupt(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_resume_without_an_earlier_run_starts_anew(tmp_path: Path) -> None:
    source = broken_catalog(tmp_path / "in.csv", 50)
    assert score(source, tmp_path / "out.jsonl", load=load_stub, options=Options(resume=True)).rows == 50


def test_a_broken_checkpoint_is_named(tmp_path: Path) -> None:
    source, out = broken_catalog(tmp_path / "in.csv", 300), tmp_path / "out.jsonl"
    (tmp_path / "out.jsonl.checkpoint.json").write_text("{}")
    with pytest.raises(OutputError, match="no checkpoint of ours"):
        score(source, out, load=load_stub, options=Options(resume=True))
