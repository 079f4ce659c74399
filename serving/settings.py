"""What a deployment sets: the environment's variables, and the limits of a request."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from models.bundle import DEFAULT_BUNDLE, BundleError

MAX_LISTINGS = 256
MAX_BODY_BYTES = 8 * 1024 * 1024
BODY_SECONDS = 30.0
"""How long a client may take to send its body."""
ANSWER_SECONDS = 60.0
"""How long an answer may take before the call is given up as 503."""
MAX_WAITING = 512
"""Calls that may wait for the model in one worker; one more is answered 503 at once."""
DATABASE_FILE = "pabean.sqlite3"


@dataclass(frozen=True)
class Settings:
    """A deployment's choices.

    Attributes
    ----------
    model : a bundle's directory or a BentoML tag; None: the bundle that ships.
    policy : a directory of rules and overrides; None: ours.
    database_url : SQLAlchemy form.
    """

    model: str | None = None
    policy: Path | None = None
    database_url: str = f"sqlite:///{DATABASE_FILE}"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings that ``PABEAN_MODEL``, ``PABEAN_POLICY`` and ``PABEAN_DATABASE_URL`` name."""
        values = os.environ if environment is None else environment
        policy = values.get("PABEAN_POLICY")
        return cls(
            model=values.get("PABEAN_MODEL") or None,
            policy=Path(policy) if policy else None,
            database_url=values.get("PABEAN_DATABASE_URL") or f"sqlite:///{DATABASE_FILE}",
        )


def resolve_model(name: str | None) -> Path:
    """The directory of a bundle given as a directory or a BentoML tag; None: the bundle that ships.

    Raises
    ------
    BundleError
        Where it is neither.
    """
    if not name:
        return DEFAULT_BUNDLE
    if Path(name).is_dir():
        return Path(name)
    import bentoml

    try:
        return Path(bentoml.models.get(name).path)
    except Exception as error:  # the model store raises several kinds; all mean that there is no such model
        raise BundleError(f"{name!r} is neither a bundle's directory nor a tag in the model store") from error
