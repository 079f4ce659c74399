"""Conditions as functions of facts: each gives the probability that it holds.

A condition that cannot be judged appends its name to ``unknowns`` and gives the probability under
which the rule's ``unknown`` lets it count: whatever is in ``unknowns`` keeps the rule from rejecting.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from data.policy import Goods, RateError, Rates, Rule, When
from data.policy.conditions import Hs, Price, Unknown
from serving.decision.facts import Facts

Condition = Callable[[Facts, list[str]], float]
ALMOST = 1e-9
"""Relative slack of a price limit: a price of exactly the limit in another currency is not below it."""
ABROAD_EITHER_WAY = frozenset({"abroad", "imported"})


def compile_when(rule: Rule, rates: Rates, as_of: date) -> tuple[Condition, ...]:
    """The rule's conditions, those that fail soonest first; its score is their product."""
    when = rule.when
    found = list(compile_goods(when))
    if when.any_of:
        found.append(_any_of(tuple(compile_goods(part) for part in when.any_of)))
    if when.border:
        found.append(_border(frozenset(when.border), rule.unknown))
    found += _stated(when)
    if when.price:
        found.append(_price(when.price, rule.unknown, rates, as_of))
    exemptions = [part for part in rule.unless if _runs(part.effective_from, part.effective_until, as_of)]
    if exemptions:
        parts = tuple(compile_goods(part) for part in exemptions)
        found.append(_unless(parts, any(part.hs for part in exemptions)))
    return tuple(found)


def compile_goods(goods: Goods) -> tuple[Condition, ...]:
    """The conditions on what the goods are."""
    found: list[Condition] = []
    if goods.clusters:
        found.append(_clusters(goods.clusters))
    if goods.hs:
        found.append(_hs(goods.hs))
    if goods.state:
        found.append(_used if goods.state == "used" else _new)
    return tuple(found)


def product(conditions: tuple[Condition, ...], facts: Facts, unknowns: list[str]) -> float:
    """Probability that all conditions hold, taken as independent; stops at the first that cannot."""
    score = 1.0
    for condition in conditions:
        score *= condition(facts, unknowns)
        if score <= 0.0:
            return 0.0
    return score


def _runs(first: date, last: date | None, as_of: date) -> bool:
    return first <= as_of and (last is None or as_of <= last)


def _clusters(names: tuple[str, ...]) -> Condition:
    def likeliest(facts: Facts, unknowns: list[str]) -> float:
        return max(facts.clusters.get(name, 0.0) for name in names)

    return likeliest


def _hs(hs: Hs) -> Condition:
    """Sum of the listed scores under ``in`` less those under ``out``; each code counts once."""
    inside = _outermost(hs.inside)
    out = frozenset(code for code in _outermost(hs.out) if not inside or code in inside or _under(code, inside))
    base = 0.0 if inside else 1.0

    def mass(facts: Facts, unknowns: list[str]) -> float:
        listed = facts.mass
        score = base
        # in the order listed, not in a set's: floating-point sums must come out the same in every process
        for code, share in listed.items():
            if code in inside:
                score += share
        for code, share in listed.items():
            if code in out:
                score -= share
        return 0.0 if score < 0.0 else 1.0 if score > 1.0 else score

    return mass


def _outermost(prefixes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(code for code in prefixes if not _under(code, frozenset(prefixes)))


def _under(code: str, prefixes: frozenset[str]) -> bool:
    return any(code[:length] in prefixes for length in (2, 4) if length < len(code))


def _used(facts: Facts, unknowns: list[str]) -> float:
    return facts.used


def _new(facts: Facts, unknowns: list[str]) -> float:
    return 1.0 - facts.used


def _any_of(parts: tuple[tuple[Condition, ...], ...]) -> Condition:
    def likeliest(facts: Facts, unknowns: list[str]) -> float:
        return max(product(part, facts, unknowns) for part in parts)

    return likeliest


def _border(channels: frozenset[str], unknown: Unknown) -> Condition:
    abroad, imported, domestic = (float(name in channels) for name in ("abroad", "imported", "domestic"))
    either_way = channels >= ABROAD_EITHER_WAY
    import_counts = max(abroad, imported)

    def border(facts: Facts, unknowns: list[str]) -> float:
        share = facts.imported
        if facts.crossing:
            return abroad
        if facts.crossing is False:
            return share * imported + (1.0 - share) * domestic
        # what is shipped from abroad was made abroad: the chance of an import is the most it can be
        score = share * import_counts + (1.0 - share) * domestic
        if either_way and facts.declared:
            return score  # imported whichever way it travels, by the seller's own word
        if unknown.border == "ignore":
            return 0.0
        unknowns.append("unhinted" if unknown.border == "hinted" and not facts.hinted else "border")
        return score

    return border


def _stated(when: When) -> list[Condition]:
    found: list[Condition] = []
    if when.conflict == "origin":
        found.append(lambda facts, unknowns: float(facts.conflict_origin))
    elif when.conflict == "shipping":
        found.append(lambda facts, unknowns: float(facts.conflict_shipping))
    if when.unclear:
        found.append(lambda facts, unknowns: float(facts.unclear))
    return found


def _price(price: Price, unknown: Unknown, rates: Rates, as_of: date) -> Condition:
    limits: dict[str, float | str] = {}
    for currency in {*rates.currencies, price.currency}:
        try:
            limits[currency] = rates.convert(price.amount, price.currency, currency, as_of) * (1.0 - ALMOST)
        except RateError as error:
            limits[currency] = f"{error.kind} rate"
    wants_below = price.below is not None

    def holds(facts: Facts, unknowns: list[str]) -> float:
        if facts.price is None:
            if unknown.price == "ignore":
                return 0.0
            unknowns.append("price")
            return 1.0
        limit = limits.get(facts.currency, "missing rate")
        if isinstance(limit, str):
            unknowns.append(limit)
            return 1.0
        return float((facts.price < limit) == wants_below)

    return holds


def _unless(parts: tuple[tuple[Condition, ...], ...], by_hs: bool) -> Condition:
    def spared(facts: Facts, unknowns: list[str]) -> float:
        if by_hs and facts.abstained:
            unknowns.append("goods")
        return 1.0 - max(product(part, facts, unknowns) for part in parts)

    return spared
