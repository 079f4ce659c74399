"""Policy as data: dated rules, exchange rates, a deployment's overrides. README.md shows how to write a rule."""

from data.policy.conditions import Goods, When
from data.policy.loader import load_policy
from data.policy.policy import Policy, make_policy
from data.policy.rates import Rate, RateError, Rates, load_rates
from data.policy.reading import PolicyError
from data.policy.rules import Rule, Thresholds, as_json

__all__ = [
    "Goods", "Policy", "PolicyError", "Rate", "RateError", "Rates", "Rule", "Thresholds", "When",
    "as_json", "load_policy", "load_rates", "make_policy",
]  # fmt: skip
