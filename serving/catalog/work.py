"""What happens to a chunk of rows: one function object a process, made once, asked many times."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import orjson

from data.files import Reject
from data.listing import Listing
from data.policy import Policy, load_policy
from serving.catalog.formats import FORMATS, JsonLines, unflat
from serving.catalog.model import Classifier
from serving.catalog.summary import Tally
from serving.decision import apply_policy

LoadModel = Callable[[], Classifier]
KINDS = {"id": str, "hs": dict, "clusters": list, "origin": dict, "facts": dict}


MANY = 32
"""Listings of a chunk that must all fail for the model itself to be at fault."""


@dataclass(frozen=True, slots=True)
class Item:
    """A row on its way: where it stood (``file`` where there are several), and what it holds."""

    row: int
    value: Any
    file: str | None = None


@dataclass
class Done:
    """A chunk's outcome: bytes for the output, rejects in order, counts."""

    data: bytes = b""
    rejects: list[Reject] = field(default_factory=list)
    tally: Tally = field(default_factory=Tally)
    rows: int = 0


@dataclass(frozen=True)
class Versions:
    """What the results rest on; ``model`` is None where it is taken from stored results."""

    policy: str
    model: str | None = None


@dataclass(frozen=True)
class ScoreSpec:
    """How to make a :class:`Scorer`, in this process or another: only things that can be sent there."""

    load: LoadModel
    policy: Path | None
    as_of: date
    output: str

    def make(self) -> Scorer:
        """Loads model and policy."""
        return Scorer(self.load(), load_policy(self.policy), self.as_of, self.output)


class Scorer:
    """Listings to results."""

    def __init__(self, classifier: Classifier, policy: Policy, as_of: date, output: str) -> None:
        self.versions = Versions(policy.version, classifier.version)
        self._classifier, self._policy, self._as_of = classifier, policy, as_of
        self._format = FORMATS[output]

    def __call__(self, items: Sequence[Item]) -> Done:
        return _done(self.outcomes(items), self._format)

    def outcomes(self, items: Sequence[Item]) -> list[dict[str, Any] | Reject]:
        """A result or a reject for every row."""
        at = [i for i, item in enumerate(items) if isinstance(item.value, Listing)]
        outcomes = [item.value for item in items]
        for i, result in zip(at, self._results([items[i] for i in at]), strict=True):
            outcomes[i] = result
        return outcomes

    def results(self, listings: Sequence[Listing]) -> list[dict[str, Any]]:
        """Stored results: the contract's object with versions and facts."""
        predictions = self._classifier.predict(listings, facts=True) if listings else []
        return [stored(p, self._policy, self._as_of, self.versions.model) for p in predictions]

    def _results(self, items: list[Item]) -> Sequence[dict[str, Any] | Reject]:
        try:
            return self.results([item.value for item in items])
        except Exception:  # one listing must not stop a run of millions: find it
            found = [self._result(item) for item in items]
            if len(found) >= MANY and all(isinstance(outcome, Reject) for outcome in found):
                raise  # it is the model, not the listings
            return found

    def _result(self, item: Item) -> dict[str, Any] | Reject:
        try:
            return self.results([item.value])[0]
        except MemoryError:
            raise
        except Exception as error:
            reason = f"could not be scored, please report this: {type(error).__name__}: {error}"[:300]
            return Reject(item.row, reason, item.value.id, file=item.file)


@dataclass(frozen=True)
class DecideSpec:
    """How to make a :class:`Decider`."""

    policy: Path | None
    as_of: date
    output: str

    def make(self) -> Decider:
        """Loads the policy."""
        return Decider(load_policy(self.policy), self.as_of, self.output)


class Decider:
    """Stored results (lines of JSON, or rows of a table) to results decided anew."""

    def __init__(self, policy: Policy, as_of: date, output: str) -> None:
        self.versions = Versions(policy.version)
        self._policy, self._as_of, self._format = policy, as_of, FORMATS[output]

    def __call__(self, items: Sequence[Item]) -> Done:
        return _done([self._decided(item) for item in items], self._format)

    def _decided(self, item: Item) -> dict[str, Any] | Reject:
        if isinstance(item.value, Reject):
            return item.value
        name = None
        try:
            value = orjson.loads(item.value) if isinstance(item.value, bytes) else unflat(item.value)
            name = value["id"] if isinstance(value["id"], str) else None
            wrong = [key for key, kind in KINDS.items() if not isinstance(value[key], kind)]
            if wrong:
                raise TypeError(wrong[0])
            return stored(value, self._policy, self._as_of, value["model_version"])
        except orjson.JSONDecodeError as error:
            return Reject(item.row, f"is not JSON: {error.msg}", name, file=item.file)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
            reason = f"is no stored result of `score`: {type(error).__name__} {error}"[:200]
            return Reject(item.row, reason, name, file=item.file)


def stored(prediction: dict[str, Any], policy: Policy, as_of: date, model: str | None) -> dict[str, Any]:
    """A result as files hold it: decided, with both versions, and the facts to decide anew."""
    result = apply_policy(prediction, policy, as_of)
    result["model_version"] = model
    result["policy_version"] = policy.version
    result["facts"] = prediction["facts"]
    return result


def _done(outcomes: Sequence[dict[str, Any] | Reject], form: JsonLines) -> Done:
    done = Done(rows=len(outcomes))
    done.rejects = [outcome for outcome in outcomes if isinstance(outcome, Reject)]
    results = [outcome for outcome in outcomes if not isinstance(outcome, Reject)]
    for result in results:
        done.tally.count(result)
    done.tally.rejected = len(done.rejects)
    done.data = form.encode(results)
    return done
