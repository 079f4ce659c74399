"""Decisions in the shapes that leave the house: result objects, and the rules of a day as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from data.policy import Policy, as_json
from serving.decision.engine import WARNING_PREFIX, decide


def apply_policy(prediction: Mapping[str, Any], policy: Policy, as_of: date) -> dict[str, Any]:
    """The contract's result object for a stored prediction, without its ``facts``.

    An object that already carries a decision is decided anew; what an earlier policy warned of goes,
    what the model warned of stays.
    """
    decided = decide(prediction, policy, as_of)
    model = [text for text in prediction.get("warnings") or () if not text.startswith(WARNING_PREFIX)]
    return {
        "id": prediction.get("id"),
        "decision": decided["decision"],
        "hs": prediction.get("hs"),
        "clusters": prediction.get("clusters"),
        "origin": prediction.get("origin"),
        "flags": decided["flags"],
        "warnings": list(dict.fromkeys([*model, *decided["warnings"]])),
    }


def policy_as_json(policy: Policy, as_of: date) -> dict[str, Any]:
    """Version, the rules in force on ``as_of`` with all their fields, and what changes after it."""
    return {
        "version": policy.version,
        "as_of": as_of.isoformat(),
        "platform": policy.platform,
        "rates": {"max_age_days": policy.rates.max_age_days, "currencies": list(policy.rates.currencies)},
        "rules": [as_json(rule) for rule in policy.in_force(as_of)],
        "changes": changes_after(policy, as_of),
    }


def changes_after(policy: Policy, as_of: date) -> list[dict[str, str]]:
    """What comes into force or ends after ``as_of``, soonest first; ``date`` is the first day of the change."""
    found = []
    for rule in policy.rules:
        if not (rule.enabled and policy.concerns(rule)):
            continue
        if rule.effective_from > as_of:
            found.append({"date": rule.effective_from.isoformat(), "rule": rule.key, "change": "starts"})
        if rule.effective_until is not None and rule.effective_until >= as_of:
            first = rule.effective_until + timedelta(days=1)
            found.append({"date": first.isoformat(), "rule": rule.key, "change": "ends"})
    return sorted(found, key=lambda change: (change["date"], change["rule"]))
