"""The bundle on disk: same in, same out; broken files are noticed."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from data.listing import Listing
from models.bundle import BundleError, load_bundle
from tests.conftest import TINY, tiny_examples
from training.build import build_bundle


def test_same_seed_same_bundle(tiny_bundle: Path, tmp_path: Path) -> None:
    version = build_bundle(tmp_path / "again", TINY, tiny_examples())
    assert version == load_bundle(tiny_bundle).version


def test_a_changed_file_is_refused(tiny_bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tiny_bundle, copy)
    (copy / "tags.json").write_text((copy / "tags.json").read_text() + " ")
    with pytest.raises(BundleError, match=r"tags\.json"):
        load_bundle(copy)


def test_another_format_is_refused(tiny_bundle: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tiny_bundle, copy)
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps(manifest | {"format": 99}))
    with pytest.raises(BundleError, match="format 99"):
        load_bundle(copy)


def test_no_bundle_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="is not a bundle"):
        load_bundle(tmp_path)


def test_serving_needs_no_torch(tiny_bundle: Path) -> None:
    import subprocess

    code = (
        "import sys; from pathlib import Path; from models.bundle import load_bundle; "
        "from data.listing import Listing; "
        f"load_bundle(Path({str(tiny_bundle)!r})).predict([Listing(id='1', title='kopi')]); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_listing_is_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Listing(id="1", title="a").title = "b"  # type: ignore[misc]
