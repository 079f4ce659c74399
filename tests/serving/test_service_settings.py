"""What the environment says."""

from __future__ import annotations

from pathlib import Path

from serving.settings import Settings


def test_settings_come_from_the_environment() -> None:
    assert Settings.from_environment({}) == Settings(None, None, "sqlite:///pabean.sqlite3")
    given = {"PABEAN_MODEL": "pabean:1", "PABEAN_POLICY": "rules", "PABEAN_DATABASE_URL": "sqlite://"}
    assert Settings.from_environment(given) == Settings("pabean:1", Path("rules"), "sqlite://")
