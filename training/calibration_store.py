"""The calibration scalars that ship: found once on real listings, committed with how they were found."""

from __future__ import annotations

import json
from pathlib import Path

from models.calibration import Calibration

PATH = Path(__file__).with_name("calibration.json")


def load_calibration(path: Path = PATH) -> Calibration:
    """The committed scalars; neutral ones where there are none yet."""
    return Calibration(**json.loads(path.read_text(encoding="utf-8"))) if path.exists() else Calibration()


def store_calibration(calibration: Calibration, path: Path = PATH) -> None:
    """Write the scalars, one a line, so that a change can be read."""
    path.write_text(json.dumps(calibration.as_json(), indent=2, sort_keys=True) + "\n", encoding="utf-8")
