"""The shape of a rule. What a rule means is decided in ``serving.decision``; README.md shows how to write one."""

from __future__ import annotations

import string
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from data.policy.conditions import Alternative, Strict, Unknown, When

Action = Literal["review", "reject"]
Probability = Annotated[float, Field(gt=0, le=1)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]*$")]
Written = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
PLACEHOLDERS = frozenset({"title", "rule", "border", "goods", "price", "limit", "declared"})


class Bilingual(Strict):
    """One text in Indonesian and in English."""

    id: Written
    en: Written


class Source(Strict):
    """Where a rule comes from: the act or the promise, the place in it, its day, where to read it."""

    act: Written
    article: Written | None = None
    title: Written | None = None
    day: date | None = None
    url: Written | None = None

    @property
    def citation(self) -> str:
        """One line for a flag: act, article, title."""
        line = ", ".join(part for part in (self.act, self.article) if part)
        return f"{line} ({self.title})" if self.title else line


class Exemption(Alternative):
    """Goods that a rule spares, with a source and days of its own; both days are in force."""

    title: Bilingual
    source: Source
    effective_from: date
    effective_until: date | None = None


class Thresholds(Strict):
    """Least scores: to reject, to review, and to review where something was unknown (as ``review`` if absent)."""

    reject: Probability | None = None
    review: Probability
    unknown: Probability | None = None

    @property
    def when_unknown(self) -> float:
        """Least score of a flag that rests on something unknown."""
        return self.review if self.unknown is None else self.unknown


class Rule(Strict):
    """One rule as a policy file states it; ``file`` is that file's name without ending.

    ``effective_until`` is the last day in force. ``platforms``: names the rule is for; none: every
    platform. ``enabled`` is false only where an override switched the rule off.
    """

    file: Identifier
    id: Identifier
    title: Bilingual
    source: Source
    certainty: Literal["certain", "judged", "uncertain"]
    effective_from: date
    effective_until: date | None = None
    platforms: tuple[str, ...] = ()
    action: Action
    thresholds: Thresholds
    when: When
    unless: tuple[Exemption, ...] = ()
    unknown: Unknown = Unknown()
    documents: tuple[Bilingual, ...] = ()
    reason: Bilingual
    note: Written | None = None
    observe_only: bool = False
    enabled: bool = True

    @property
    def key(self) -> str:
        """``FILE/ID``, the name that flags carry."""
        return f"{self.file}/{self.id}"

    def in_force(self, as_of: date) -> bool:
        """Whether ``as_of`` lies between the rule's first and last day."""
        return self.effective_from <= as_of and (self.effective_until is None or as_of <= self.effective_until)

    @field_validator("reason")
    @classmethod
    def _known_placeholders(cls, reason: Bilingual) -> Bilingual:
        for language, text in (("id", reason.id), ("en", reason.en)):
            if unknown := sorted(set(_placeholders(text)) - PLACEHOLDERS):
                raise ValueError(f"{language}: unknown placeholder {unknown}; known are {sorted(PLACEHOLDERS)}")
        return reason

    @model_validator(mode="after")
    def _holds_together(self) -> Rule:
        if self.effective_until is not None and self.effective_until < self.effective_from:
            raise ValueError("effective_until lies before effective_from")
        if self.certainty == "uncertain" and self.action == "reject":
            raise ValueError("action: an uncertain rule may ask for review only")
        if (self.action == "reject") != (self.thresholds.reject is not None):
            raise ValueError("thresholds.reject belongs to rules whose action is reject, and to those only")
        if self.thresholds.reject is not None and self.thresholds.reject < self.thresholds.review:
            raise ValueError("thresholds.reject lies below thresholds.review")
        return self


def _placeholders(text: str) -> Iterator[str]:
    for _, name, form, conversion in string.Formatter().parse(text):
        if name is not None:
            yield name if not (form or conversion) else f"{name}!{conversion}:{form}"


def as_json(rule: Rule) -> dict[str, Any]:
    """The rule as JSON values, prefixes written out, key first."""
    return {"rule": rule.key, **rule.model_dump(mode="json", by_alias=True)}
