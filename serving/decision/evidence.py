"""The spans of the seller's text that carried a flag, at most three."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import zip_longest
from typing import Any

from data.policy import Goods, Rule
from serving.decision.facts import Facts

MOST_SPANS = 3


def flag_evidence(rule: Rule, prediction: Mapping[str, Any], facts: Facts) -> list[dict[str, Any]]:
    """Up to three spans, one of each source the rule looks at before a second of any."""
    stated: Mapping[str, Any] = prediction.get("facts") or {}
    known: Mapping[str, Any] = stated.get("evidence") or {}
    if not known:
        return []
    sources = [known[name] for name in _sources(rule, facts) if known.get(name)]
    found: list[dict[str, Any]] = []
    for row in zip_longest(*sources):
        for span in row:
            if span is not None and span not in found:
                found.append(dict(span))
                if len(found) == MOST_SPANS:
                    return found
    return found


def _sources(rule: Rule, facts: Facts) -> list[str]:
    """Names of evidence, in the order of their weight for the rule."""
    when = rule.when
    names: list[str] = []
    parts: tuple[Goods, ...] = (when, *when.any_of)
    for part in parts:
        names += sorted((c for c in part.clusters if c in facts.clusters), key=lambda c: -facts.clusters[c])
    if any(part.state for part in parts):
        names.append("used")
    # where the parcel is known to start abroad, no word of the text was needed to tell
    if when.conflict == "origin" or (when.border and not facts.crossing):
        names.append("origin")
    if any(part.hs for part in parts):
        names.append("hs")
    return names
