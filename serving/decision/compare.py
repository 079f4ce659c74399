"""What changes between two policies or two days: rules, and decisions on stored results."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from data.policy import Policy, as_json
from serving.decision.engine import decide


@dataclass(frozen=True)
class RuleChanges:
    """Rules in force on one side only, and fields that differ: ``changed`` maps key to field to both values."""

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: dict[str, dict[str, tuple[Any, Any]]]


@dataclass
class DecisionChanges:
    """Counts over stored results: all, those whose decision or flags differ, moves, flags won and lost by rule."""

    results: int = 0
    decisions: int = 0
    flags: int = 0
    moves: Counter[str] = field(default_factory=Counter)
    rules: Counter[str] = field(default_factory=Counter)


def compare_rules(before: tuple[Policy, date], after: tuple[Policy, date]) -> RuleChanges:
    """What changes in the rules in force between two pairs of policy and day."""
    old, new = ({rule.key: as_json(rule) for rule in policy.in_force(day)} for policy, day in (before, after))
    changed = {}
    for key in sorted(old.keys() & new.keys()):
        one, two = _flat(old[key]), _flat(new[key])
        names = sorted(one.keys() | two.keys())
        differing = {name: (one.get(name), two.get(name)) for name in names if one.get(name) != two.get(name)}
        if differing:
            changed[key] = differing
    return RuleChanges(tuple(sorted(new.keys() - old.keys())), tuple(sorted(old.keys() - new.keys())), changed)


def compare_decisions(
    results: Iterable[Mapping[str, Any]], before: tuple[Policy, date], after: tuple[Policy, date]
) -> DecisionChanges:
    """Decides each stored result under both and counts what differs."""
    counts = DecisionChanges()
    for result in results:
        old, new = decide(result, *before), decide(result, *after)
        counts.results += 1
        if old["decision"] != new["decision"]:
            counts.decisions += 1
            counts.moves[f"{old['decision']} -> {new['decision']}"] += 1
        one, two = ({f"{flag['rule']} {flag['action']}" for flag in side["flags"]} for side in (old, new))
        if one != two:
            counts.flags += 1
            counts.rules.update([f"+ {name}" for name in two - one] + [f"- {name}" for name in one - two])
    return counts


def _flat(value: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Nested mappings as dotted fields."""
    found: dict[str, Any] = {}
    for name, inner in value.items():
        dotted = f"{path}{name}"
        found |= _flat(inner, f"{dotted}.") if isinstance(inner, Mapping) else {dotted: inner}
    return found
