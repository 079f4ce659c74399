"""A policy as one thing: rules, rates and settings, and the version that covers all three."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from data.policy.rates import Rates
from data.policy.reading import PolicyError
from data.policy.rules import Rule, as_json

DIGEST_LENGTH = 12


@dataclass(frozen=True)
class Policy:
    """Rules, rates and settings as they apply in one deployment.

    Attributes
    ----------
    name : what the policy calls itself.
    version : ``NAME+DIGEST``; the digest covers rules, overrides, rates and settings, so that two
        policies with the same version decide alike.
    rules : all rules, sorted by key, those that are switched off or not yet in force included.
    """

    name: str
    version: str
    rules: tuple[Rule, ...]
    rates: Rates
    platform: str | None = None

    def __hash__(self) -> int:
        return hash(self.version)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Policy) and other.version == self.version

    def in_force(self, as_of: date) -> tuple[Rule, ...]:
        """The rules that apply on ``as_of``: switched on, within their days, meant for our platform."""
        return tuple(rule for rule in self.rules if rule.enabled and self.concerns(rule) and rule.in_force(as_of))

    def concerns(self, rule: Rule) -> bool:
        """Whether ``rule`` is meant for this deployment's platform; where none is named, each rule is."""
        return not rule.platforms or self.platform is None or self.platform in rule.platforms


def make_policy(name: str, rules: Iterable[Rule], rates: Rates, platform: str | None = None) -> Policy:
    """A policy from its parts, in any order, with the version that belongs to them.

    Raises
    ------
    PolicyError
        Where two rules have the same key.
    """
    ordered = tuple(sorted(rules, key=lambda rule: rule.key))
    keys = [rule.key for rule in ordered]
    if repeated := sorted({key for key in keys if keys.count(key) > 1}):
        raise PolicyError(f"rule {key}: id: is there twice" for key in repeated)
    content = {
        "name": name,
        "platform": platform,
        "max_age_days": rates.max_age_days,
        "rules": [as_json(rule) for rule in ordered],
        "rates": [[str(rate.day), rate.currency, rate.idr, rate.usd] for rate in rates.rows],
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    digest = hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]
    return Policy(name=name, version=f"{name}+{digest}", rules=ordered, rates=rates, platform=platform)
