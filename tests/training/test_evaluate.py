"""Evaluation, comparison and publishing, on the tiny bundle and the labelled sample."""

from __future__ import annotations

import base64
import io
import json
import re
from pathlib import Path

import numpy as np
import pytest

from training.__main__ import main

SAMPLE = Path(__file__).parents[2] / "data" / "samples" / "labelled.csv"


@pytest.fixture(scope="module")
def report(tiny_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report")
    assert main(["evaluate", "--listings", str(SAMPLE), "--model", str(tiny_bundle), "--out", str(out)]) == 0
    return out


def test_metrics_hold_every_measure(report: Path) -> None:
    metrics = json.loads((report / "metrics.json").read_text())
    assert {"hs", "clusters", "origin", "slices", "chapters", "confusions", "model_version"} <= set(metrics)
    assert 0 <= metrics["hs"]["hs4"]["top1"] <= metrics["hs"]["hs4"]["top5"] <= 1
    assert metrics["hs"]["listings"] == 100


def test_the_report_stands_alone_and_its_plots_are_not_empty(report: Path) -> None:
    from matplotlib.image import imread

    page = (report / "report.html").read_text()
    assert "http://" not in page
    assert "https://" not in page
    plots = re.findall(r"data:image/png;base64,([^\"]+)", page)
    assert len(plots) == 3
    for plot in plots:
        pixels = imread(io.BytesIO(base64.b64decode(plot)), format="png")
        assert pixels.std() > 0.05
        green = np.abs(pixels[..., :3] - np.array([0x0B, 0x6E, 0x4F]) / 255).max(axis=-1) < 0.05
        assert green.sum() > 50, "nothing is drawn in the plot's own colour"


def test_a_seller_s_markup_is_escaped_in_the_report(tiny_bundle: Path, tmp_path: Path) -> None:
    source = tmp_path / "bad.csv"
    source.write_text("id,title,hs\n1,<script>alert(1)</script> qqq,010121\n", encoding="utf-8")
    assert main(["evaluate", "--listings", str(source), "--model", str(tiny_bundle), "--out", str(tmp_path)]) == 0
    assert "<script>alert" not in (tmp_path / "report.html").read_text()


def test_a_model_is_not_worse_than_itself(tiny_bundle: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", str(tiny_bundle), str(tiny_bundle), "--listings", str(SAMPLE)]) == 0
    assert "no clear difference" in capsys.readouterr().out


def test_publishing_gives_a_tag_that_loads(
    tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BENTOML_HOME", str(tmp_path))
    import subprocess
    import sys

    run = [sys.executable, "-m", "training"]
    tag = subprocess.run([*run, "publish", str(tiny_bundle)], check=True, capture_output=True, text=True).stdout.strip()
    assert tag.startswith("pabean:")
    listed = subprocess.run([*run, "list"], check=True, capture_output=True, text=True).stdout
    assert tag in listed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["evaluate", "--listings", "none.csv", "--out", "x"], "no such file"),
        (["compare", "none", "none", "--listings", str(SAMPLE)], "neither a bundle's directory nor a tag"),
        (["publish", str(SAMPLE.parent)], "is not a bundle"),
        (["publish", str(SAMPLE.parent), "--promote"], "name them with --listings"),
        (
            ["train", "--listings", str(SAMPLE), "--base", "none", "--out", "x"],
            "neither a bundle's directory nor a tag",
        ),
    ],
)
def test_faults_are_one_clear_line(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert message in capsys.readouterr().err
