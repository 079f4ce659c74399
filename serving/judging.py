"""From questions that wait to answers as JSON: the model once for all of them, then the policy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

import orjson

from data.listing import Listing
from data.policy import Policy
from serving.decision import apply_policy


class Classifier(Protocol):
    """What the gate needs of ``models.classifier.ListingClassifier``."""

    version: str
    card: dict[str, Any]

    def predict(self, listings: Sequence[Listing], facts: bool = True) -> list[dict[str, Any]]: ...

    def explain(self, listing: Listing, code: str) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Question:
    """Listings of one call; without a day they are classified only."""

    listings: Sequence[Listing]
    as_of: date | None


@dataclass(frozen=True)
class Judged:
    """A result as JSON, and its decision where a policy was asked; ``flags`` are rules with their actions."""

    json: bytes
    decision: str | None
    flags: tuple[tuple[str, str], ...] = ()
    abstained: bool = False


class Judge:
    """Answers many questions at once."""

    def __init__(self, classifier: Classifier, policy: Policy) -> None:
        self._classifier, self._policy = classifier, policy

    def __call__(self, questions: Sequence[Question]) -> list[list[Judged]]:
        """The answers to each question, in the order of its listings."""
        listings = [listing for asked in questions for listing in asked.listings]
        predictions = iter(self._classifier.predict(listings, facts=any(asked.as_of for asked in questions)))
        return [[self._judged(next(predictions), asked.as_of) for _ in asked.listings] for asked in questions]

    def _judged(self, prediction: dict[str, Any], as_of: date | None) -> Judged:
        if as_of is None:
            prediction.pop("facts", None)
            return Judged(orjson.dumps(prediction), None)
        result = apply_policy(prediction, self._policy, as_of)
        flags = tuple((flag["rule"], flag["action"]) for flag in result["flags"])
        return Judged(orjson.dumps(result), result["decision"], flags, result["hs"]["code"] is None)


def answer_body(judged: Sequence[Judged], **head: str) -> bytes:
    """The body of an answer: ``head``, then the results as they were written once."""
    return orjson.dumps({**head, "results": [orjson.Fragment(one.json) for one in judged]})


def listing_json(listing: Listing) -> str:
    """A listing as it was judged."""
    return orjson.dumps(listing.model_dump(exclude_none=True)).decode("utf-8")
