"""The hash chain: each decision's hash covers its content and the hash before it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

GENESIS = "0" * 64
FIELDS = (
    "seq", "at", "request_id", "listing_id", "decision", "model_version", "policy_version", "as_of",
    "listing", "result",
)  # fmt: skip


def row_hash(before: str, row: Mapping[str, Any]) -> str:
    """SHA-256 of a row, given the hash before it.

    Each field goes in with its length in front, so that no two rows share a text.
    """
    digest = hashlib.sha256(before.encode("ascii"))
    for name in FIELDS:
        content = str(row[name]).encode("utf-8")
        digest.update(b"%d:" % len(content))
        digest.update(content)
    return digest.hexdigest()
