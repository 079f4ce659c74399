"""What a deployment sets: the environment's variables, and the limits of a request."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

MAX_LISTINGS = 256
MAX_BODY_BYTES = 8 * 1024 * 1024
BODY_SECONDS = 30.0
"""How long a client may take to send its body."""
ANSWER_SECONDS = 60.0
"""How long an answer may take before the call is given up as 503."""
MAX_WAITING = 512
"""Calls that may wait for the model in one worker; one more is answered 503 at once."""
DATABASE_FILE = "pabean.sqlite3"
RATE = 600
"""Calls a minute that a key may make."""


@dataclass(frozen=True)
class Settings:
    """A deployment's choices.

    Attributes
    ----------
    model : a bundle's directory or a BentoML tag; None: the bundle that ships.
    policy : a directory of rules and overrides; None: ours.
    database_url : SQLAlchemy form.
    api_keys : the file of hashed keys; None: no keys, and this machine only.
    rate : calls a minute that each key may make in one worker; 0: as many as there are.
    """

    model: str | None = None
    policy: Path | None = None
    database_url: str = f"sqlite:///{DATABASE_FILE}"
    api_keys: Path | None = None
    rate: int = RATE

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """The settings that the variables ``PABEAN_...`` name.

        Raises
        ------
        ValueError
            Where ``PABEAN_RATE`` is no whole number, 0 or above.
        """
        values = os.environ if environment is None else environment
        policy, keys = values.get("PABEAN_POLICY"), values.get("PABEAN_API_KEYS")
        return cls(
            model=values.get("PABEAN_MODEL") or None,
            policy=Path(policy) if policy else None,
            database_url=values.get("PABEAN_DATABASE_URL") or f"sqlite:///{DATABASE_FILE}",
            api_keys=Path(keys) if keys else None,
            rate=_rate(values.get("PABEAN_RATE") or str(RATE)),
        )


def _rate(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(f"PABEAN_RATE is {text!r}; write the calls a minute that a key may make, 0 for no limit")
    return int(text)
