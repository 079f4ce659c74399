"""The decision: a stored prediction, a policy and a day give approve, review or reject, with reasons."""

from serving.decision.engine import APPROVE, REJECT, REVIEW, Decision, decide
from serving.decision.reasons import moderator_reason
from serving.decision.result import apply_policy, changes_after, policy_as_json

__all__ = [
    "APPROVE", "REJECT", "REVIEW", "Decision",
    "apply_policy", "changes_after", "decide", "moderator_reason", "policy_as_json",
]  # fmt: skip
