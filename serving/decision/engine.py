"""From a stored prediction and a policy to a decision. Pure: nothing but the arguments is looked at.

A rule's score is the product of the probabilities of its conditions (``conditions.py``), rounded to four
digits. At or above ``thresholds.reject`` it rejects, at or above ``thresholds.review`` it asks for a
review; where something was unknown it can only ask for a review, at or above ``thresholds.unknown`` or,
where that is not set or the unknown is not the border, ``thresholds.review``. The strongest flag decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Any, TypedDict

from data.policy import Policy, Rule
from serving.decision.conditions import Condition, compile_when, product
from serving.decision.evidence import flag_evidence
from serving.decision.facts import Facts
from serving.decision.reasons import ListingWords, SellerWording, documents, listing_words

APPROVE, REVIEW, REJECT = "approve", "review", "reject"
DIGITS = 4
RATE_UNKNOWNS = frozenset({"missing rate", "stale rate"})
WARNING_PREFIX = "policy: "
"""How each warning of the policy starts, so that it can be told from the model's in a stored result."""
WARNINGS = {
    "price": "{rule}: the listing states no price; its price limit could not be judged",
    "missing rate": "{rule}: no exchange rate for {currency}; its price limit could not be judged",
    "stale rate": "{rule}: the exchange rate for {currency} is too old; its price limit could not be judged",
    "unhinted": "{rule}: not judged, the listing does not say where it ships from",
}
OBSERVED = WARNING_PREFIX + "{rule}: observed only, would {action} (score {score:.2f}, threshold {threshold:.2f})"


class Decision(TypedDict):
    """What the policy says of one listing; ``flags`` has the contract's shape, strongest first."""

    decision: str
    flags: list[dict[str, Any]]
    warnings: list[str]


class CompiledRule:
    """A rule of one policy on one day, ready to be asked many times."""

    __slots__ = ("conditions", "documents", "legal_basis", "place", "reject", "review", "rule", "unknown", "wording")

    def __init__(self, rule: Rule, place: int, policy: Policy, as_of: date) -> None:
        self.rule = rule
        self.place = place
        self.conditions: tuple[Condition, ...] = compile_when(rule, policy.rates, as_of)
        self.review = rule.thresholds.review
        self.reject = rule.thresholds.reject
        self.unknown = rule.thresholds.when_unknown
        self.legal_basis = rule.source.citation
        self.documents = documents(rule)
        self.wording = SellerWording(rule)


class CompiledPolicy:
    """The rules of one day, indexed by what can set them off, so that most listings ask few of them."""

    def __init__(self, policy: Policy, as_of: date) -> None:
        rules = [CompiledRule(rule, place, policy, as_of) for place, rule in enumerate(policy.in_force(as_of))]
        self._by_crossing = {
            crossing: _Index([rule for rule in rules if _can_fire(rule.rule, crossing)])
            for crossing in (True, False, None)
        }

    def rules_for(self, facts: Facts) -> list[CompiledRule]:
        """The rules that may fire on these facts, in the policy's order."""
        return self._by_crossing[facts.crossing].lookup(facts)


class _Index:
    def __init__(self, rules: list[CompiledRule]) -> None:
        self._always: list[CompiledRule] = []
        self._by_trigger: dict[str, list[CompiledRule]] = {}
        for rule in rules:
            triggers = _triggers(rule.rule)
            if triggers is None:
                self._always.append(rule)
            for trigger in triggers or ():
                self._by_trigger.setdefault(trigger, []).append(rule)

    def lookup(self, facts: Facts) -> list[CompiledRule]:
        found = {rule.place: rule for rule in self._always}
        for name in (*facts.chapters, *facts.clusters):
            for rule in self._by_trigger.get(name, ()):
                found[rule.place] = rule
        return [found[place] for place in sorted(found)]


def _triggers(rule: Rule) -> set[str] | None:
    """Chapters and clusters of which a prediction must name one for the rule to score; None: it may always."""
    when = rule.when
    if when.clusters:
        return set(when.clusters)
    if when.hs and when.hs.inside:
        return {code[:2] for code in when.hs.inside}
    found: set[str] = set()
    for part in when.any_of:
        if part.clusters:
            found |= set(part.clusters)
        elif part.hs and part.hs.inside:
            found |= {code[:2] for code in part.hs.inside}
        else:
            return None
    return found or None


def _can_fire(rule: Rule, crossing: bool | None) -> bool:
    channels = set(rule.when.border)
    if not channels:
        return True
    if crossing is None:
        return rule.unknown.border != "ignore" or channels >= {"abroad", "imported"}
    return "abroad" in channels if crossing else bool(channels & {"imported", "domestic"})


@lru_cache(maxsize=32)
def compiled(policy: Policy, as_of: date) -> CompiledPolicy:
    """The policy of one day, compiled once; policies are equal where their versions are."""
    return CompiledPolicy(policy, as_of)


def decide(prediction: Mapping[str, Any], policy: Policy, as_of: date) -> Decision:
    """What ``policy`` says of a stored prediction on ``as_of``.

    Parameters
    ----------
    prediction : the contract's result object without decision and flags, with ``facts``.
    policy, as_of : the rules, and the day whose rules count.

    Returns
    -------
    Decision
        ``warnings`` holds the policy's own only: what it could not judge, and what observed rules saw.
    """
    facts = Facts(prediction)
    flags: list[dict[str, Any]] = []
    warnings: list[str] = []
    words: ListingWords | None = None
    for rule in compiled(policy, as_of).rules_for(facts):
        unknowns: list[str] = []
        score = round(product(rule.conditions, facts, unknowns), DIGITS)
        if score <= 0.0:
            continue
        verdict = _judge(rule, score, unknowns)
        if verdict is None:
            continue
        action, threshold = verdict
        for name in unknowns:
            if name in WARNINGS:
                warnings.append(WARNING_PREFIX + WARNINGS[name].format(rule=rule.rule.key, currency=facts.currency))
        if "unhinted" in unknowns:
            continue
        if rule.rule.observe_only:
            warnings.append(OBSERVED.format(rule=rule.rule.key, action=action, score=score, threshold=threshold))
            continue
        if words is None:
            words = listing_words(prediction, facts)
        flags.append(
            {
                "rule": rule.rule.key,
                "action": action,
                "score": score,
                "threshold": threshold,
                "legal_basis": rule.legal_basis,
                "reason": rule.wording.reason(action, words, unknowns),
                "documents": list(rule.documents),
                "evidence": flag_evidence(rule.rule, prediction, facts),
            }
        )
    flags.sort(key=_strength)
    decision = APPROVE if not flags else flags[0]["action"]
    return {"decision": decision, "flags": flags, "warnings": warnings}


def _judge(rule: CompiledRule, score: float, unknowns: list[str]) -> tuple[str, float] | None:
    """Action and the threshold it reached, or None."""
    if not unknowns:
        if rule.reject is not None and score >= rule.reject:
            return REJECT, rule.reject
        return (REVIEW, rule.review) if score >= rule.review else None
    border = "border" in unknowns or "unhinted" in unknowns
    if border and "price" in unknowns:
        return None  # neither where it comes from nor what it costs is known: nothing speaks for the rule
    if "unhinted" in unknowns and (rule.reject is None or RATE_UNKNOWNS.intersection(unknowns)):
        return None  # worth a warning only where a known fact would have met a rejecting rule
    threshold = rule.unknown if border else rule.review
    return (REVIEW, threshold) if score >= threshold else None


def _strength(flag: Mapping[str, Any]) -> tuple[bool, float, str]:
    return flag["action"] != REJECT, -flag["score"], flag["rule"]
