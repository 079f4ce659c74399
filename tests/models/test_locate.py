"""Finding a bundle by directory or tag."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from models.bundle import DEFAULT_BUNDLE, BundleError
from models.locate import resolve_bundle
from serving.launch import serve_environment


def test_a_bundle_is_a_directory_or_a_tag(tmp_path: Path) -> None:
    assert resolve_bundle(None) == DEFAULT_BUNDLE
    assert resolve_bundle(str(tmp_path)) == tmp_path
    with pytest.raises(BundleError, match="neither"):
        resolve_bundle("nobody-has-published-this:1")


def test_a_published_tag_resolves(tiny_bundle: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from training.registry import publish\n"
        "from models.locate import resolve_bundle; from models.bundle import load_bundle\n"
        "tag = publish(Path(sys.argv[1])); print(load_bundle(resolve_bundle(tag)).version)"
    )
    environment = {**os.environ, **serve_environment(), "BENTOML_HOME": str(tmp_path)}
    command = [sys.executable, "-c", script, str(tiny_bundle)]
    found = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert found.stdout.strip().startswith("pabean-")
