"""Every notebook runs from top to bottom, on small data."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def test_there_are_notebooks() -> None:
    assert NOTEBOOKS


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_runs(path: Path, tiny_bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {
        "PABEAN_MODEL": tiny_bundle,
        "PABEAN_OUT": tmp_path / "retrained",
        "PABEAN_EPOCHS": 1,
        "PABEAN_KNOWLEDGE": 0.002,
        "PABEAN_LABELS": ROOT / "data/samples/labelled.csv",
        "BENTOML_HOME": tmp_path / "bentoml",
        "PYTHONPATH": ROOT,
    }
    for name, value in settings.items():
        monkeypatch.setenv(name, str(value))
    notebook = nbformat.read(path, as_version=4)
    NotebookClient(notebook, timeout=200, resources={"metadata": {"path": str(path.parent)}}).execute()
    assert (tmp_path / "retrained" / "manifest.json").exists()
