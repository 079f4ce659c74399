"""What is valid in a policy and still deserves a look: rules that can never fire, and rules that overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import combinations

from data.hs import load_nomenclature
from data.policy import Goods, Policy, RateError, Rule
from data.policy.conditions import Hs

CHANNELS = frozenset({"abroad", "imported", "domestic"})


@dataclass(frozen=True)
class Overlap:
    """Two rules that one listing can set off; ``shared`` counts six-digit codes and clusters."""

    first: str
    second: str
    shared: int
    identical: bool


def dead_rules(policy: Policy, as_of: date) -> dict[str, str]:
    """Rules that cannot flag anything from ``as_of`` on, with the reason."""
    found = {}
    for rule in policy.rules:
        reason = _dead(rule, policy, as_of)
        if reason:
            found[rule.key] = reason
    return found


def _dead(rule: Rule, policy: Policy, as_of: date) -> str | None:
    when = rule.when
    if not rule.enabled:
        return "switched off by an override"
    if not policy.concerns(rule):
        return f"is for {', '.join(rule.platforms)}, not for {policy.platform}"
    if rule.effective_until is not None and rule.effective_until < as_of:
        return f"ended on {rule.effective_until}"
    if when.hs and not codes(when.hs):
        return "when.hs: everything under `in` is taken away by `out`"
    if when.any_of and not any(_possible(part) for part in when.any_of):
        return "when.any_of: everything under `in` is taken away by `out` in each alternative"
    if when.unclear and (when.clusters or (when.hs and when.hs.inside)):
        return "when.unclear: goods that nobody recognised are in no cluster and under no code"
    if when.hs and when.hs.inside and not when.any_of:
        for part in rule.unless:
            forever = part.effective_until is None and part.effective_from <= max(as_of, rule.effective_from)
            if forever and part.hs and not (part.clusters or part.state) and codes(when.hs) <= codes(part.hs):
                return f"unless: {part.title.en} spares all its goods"
    return None


def _possible(goods: Goods) -> bool:
    return goods.hs is None or bool(codes(goods.hs))


def rate_faults(policy: Policy, as_of: date) -> list[str]:
    """Price rules of the day whose limit cannot be told in rupiah or dollars for want of a fresh rate."""
    found = []
    for rule in policy.in_force(as_of):
        for currency in ("IDR", "USD"):
            if rule.when.price:
                try:
                    policy.rates.convert(1.0, rule.when.price.currency, currency, as_of)
                except RateError as error:
                    found.append(f"{rule.key}: {error}; prices in {currency} go to review")
    return found


def overlaps(policy: Policy) -> list[Overlap]:
    """Pairs of rules that can flag the same listing on the same day, those that look doubled first.

    Only rules on goods are compared; one that looks at price, origin or state alone meets all goods.
    """
    rules = [rule for rule in policy.rules if rule.enabled and policy.concerns(rule)]
    goods = {rule.key: frozenset(_goods(rule)) for rule in rules}
    found = []
    for one, two in combinations(rules, 2):
        shared = goods[one.key] & goods[two.key]
        if shared and _same_days(one, two) and _channels(one) & _channels(two):
            found.append(Overlap(one.key, two.key, len(shared), one.when == two.when))
    return sorted(found, key=lambda pair: (not pair.identical, -pair.shared, pair.first, pair.second))


def codes(hs: Hs) -> frozenset[str]:
    """Six-digit codes that the prefixes leave."""
    inside, out = tuple(hs.inside), tuple(hs.out)
    return frozenset(
        code
        for code in load_nomenclature().subheadings
        if (not inside or code.startswith(inside)) and not (out and code.startswith(out))
    )


def _goods(rule: Rule) -> Iterator[str]:
    for part in (rule.when, *rule.when.any_of):
        yield from part.clusters
        if part.hs and part.hs.inside and not part.clusters:
            yield from codes(part.hs)


def _channels(rule: Rule) -> frozenset[str]:
    return frozenset(rule.when.border) or CHANNELS


def _same_days(one: Rule, two: Rule) -> bool:
    ends = [rule.effective_until for rule in (one, two) if rule.effective_until is not None]
    start = max(one.effective_from, two.effective_from)
    return not ends or start <= min(ends)
