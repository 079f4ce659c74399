"""The command line: exit codes, one line an error, what is printed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from serving.__main__ import main
from serving.catalog import load_model
from serving.catalog.model import Classifier

sys.path.insert(0, str(Path(__file__).parent))
from catalog_stub import load_stub  # noqa: E402

CATALOG = "id,title,price\na,hijab segiempat,1000\nb,,5\nc,casing hp silikon,2000\n"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("serving.catalog.scoring.load_model", _load)
    path = tmp_path / "in.csv"
    path.write_text(CATALOG)
    return path


def _load(model: str | None) -> Classifier:
    return load_model(model) if model else load_stub()


def test_score_and_decide(source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, again = tmp_path / "out.jsonl", tmp_path / "again.jsonl"
    assert main(["score", str(source), str(out), "--as-of", "2026-11-01"]) == 0
    printed = capsys.readouterr()
    assert "scored 2" in printed.out
    assert "2/2" in printed.err or "3/3" in printed.err
    assert "1 rows rejected" in printed.err
    assert main(["decide", str(out), str(again), "--as-of", "2026-11-01", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert out.read_bytes() == again.read_bytes()


def test_strict_exits_with_1_and_still_writes(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    assert main(["score", str(source), str(out), "--strict", "--quiet"]) == 1
    assert len(out.read_text().splitlines()) == 2
    (reject,) = [json.loads(line) for line in (tmp_path / "out.jsonl.rejects.jsonl").read_text().splitlines()]
    assert reject == {"row": 2, "id": "b", "reason": "title: is required", "line": 3}
    source.write_text("id,title\na,baju\n")
    assert main(["score", str(source), str(out), "--strict", "--quiet"]) == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["score", "missing.csv", "out.jsonl"], "missing.csv: there is no such file"),
        (["score", "{in}", "out.xlsx"], "none of .csv"),
        (["score", "{in}", "{tmp}/out.jsonl", "--model", "nowhere"], "nowhere"),
        (["score", "{in}", "{tmp}/out.jsonl", "--policy", "nowhere"], "is no directory"),
        (["score", "{in}", "{tmp}/no/out.jsonl"], "no such directory"),
        (["score", "{in}", "{in}"], "overwritten"),
        (["decide", "{in}", "{tmp}/out.jsonl"], "no column 'decision'"),
    ],
)
def test_errors_are_one_line(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], message: str
) -> None:
    given = [text.replace("{in}", str(source)).replace("{tmp}", str(tmp_path)) for text in arguments]
    assert main([*given, "--quiet"]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert message in printed.err
    assert printed.err.count("\n") == 1
    assert printed.err.startswith("error: ")


def test_wrong_arguments_exit_with_2(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["score"], ["score", str(source), "o.jsonl", "--as-of", "yesterday"], ["nothing"], []):
        with pytest.raises(SystemExit) as stopped:
            main(arguments)
        assert stopped.value.code == 2
    assert "YYYY-MM-DD" in capsys.readouterr().err


def test_help_names_every_command() -> None:
    done = subprocess.run([sys.executable, "-m", "serving", "--help"], capture_output=True, text=True, check=True)
    for name in ("score", "decide", "serve", "demo", "policy", "audit"):
        assert name in done.stdout
