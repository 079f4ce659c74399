"""What the environment says."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.bundle import DEFAULT_BUNDLE, BundleError
from serving.launch import serve_environment
from serving.settings import Settings, resolve_model


def test_settings_come_from_the_environment() -> None:
    assert Settings.from_environment({}) == Settings(None, None, "sqlite:///pabean.sqlite3")
    given = {"PABEAN_MODEL": "pabean:1", "PABEAN_POLICY": "rules", "PABEAN_DATABASE_URL": "sqlite://"}
    assert Settings.from_environment(given) == Settings("pabean:1", Path("rules"), "sqlite://")


def test_a_model_is_a_directory_or_a_tag(tmp_path: Path) -> None:
    assert resolve_model(None) == DEFAULT_BUNDLE
    assert resolve_model(str(tmp_path)) == tmp_path
    with pytest.raises(BundleError, match="neither"):
        resolve_model("nobody-has-published-this:1")


def test_a_published_tag_resolves(tiny_bundle: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from training.registry import publish\n"
        "from serving.settings import resolve_model; from models.bundle import load_bundle\n"
        "tag = publish(Path(sys.argv[1])); print(load_bundle(resolve_model(tag)).version)"
    )
    environment = {**os.environ, **serve_environment(), "BENTOML_HOME": str(tmp_path)}
    command = [sys.executable, "-c", script, str(tiny_bundle)]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip().startswith("pabean-")
