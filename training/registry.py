"""Bundles in the BentoML model store."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from models.bundle import MANIFEST, bundle_version, load_bundle

NAME = "pabean"


def publish(folder: Path) -> str:
    """Check a bundle by loading it, put it into the model store; its tag."""
    import bentoml

    model = load_bundle(folder)
    with bentoml.models.create(
        NAME, labels={"version": model.version}, metadata={"parent": model.card.get("parent", "")}
    ) as stored:
        shutil.copytree(folder, stored.path, dirs_exist_ok=True)
    return str(stored.tag)


def listing() -> list[dict[str, Any]]:
    """All published bundles, newest first: tag, version, parent, data digest, time."""
    import bentoml

    rows = []
    for stored in bentoml.models.list(NAME):
        manifest = json.loads((Path(stored.path) / MANIFEST).read_text(encoding="utf-8"))
        card = manifest["card"]
        rows.append(
            {
                "tag": str(stored.tag),
                "version": bundle_version(Path(stored.path)),
                "parent": card.get("parent", ""),
                "data": card.get("trained_on", {}).get("digest", "")[:12],
                "created": stored.info.creation_time.isoformat(timespec="seconds"),
            }
        )
    return sorted(rows, key=lambda row: row["created"], reverse=True)
