"""What a rule can ask of a listing. What each condition means in numbers is in ``serving.decision.conditions``."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from data.clusters import CLUSTERS
from data.hs import load_nomenclature

Channel = Literal["abroad", "imported", "domestic"]


def expand(prefixes: tuple[str, ...]) -> tuple[str, ...]:
    """HS prefixes with ranges such as ``50-63`` or ``3303-3307`` written out; sorted, without repeats.

    Raises
    ------
    ValueError
        Where a prefix is not two, four or six digits of the nomenclature.
    """
    known = load_nomenclature()
    found: set[str] = set()
    for prefix in prefixes:
        first, dash, last = prefix.partition("-")
        last = last if dash else first
        if first not in known or last not in known or len(first) != len(last) or first > last:
            raise ValueError(
                f"{prefix!r} is no HS chapter, heading or subheading (2, 4 or 6 digits), nor a range of them"
            )
        found |= {first} if not dash else {c for c in known.english if len(c) == len(first) and first <= c <= last}
    return tuple(sorted(found))


Prefixes = Annotated[tuple[str, ...], AfterValidator(expand)]


class Strict(BaseModel):
    """A part of a policy file: no field but those named, and nothing changes it later."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Hs(Strict):
    """HS prefixes that are meant (``in``; none: all goods) and those that are not (``out``)."""

    inside: Prefixes = Field(default=(), alias="in")
    out: Prefixes = ()

    @model_validator(mode="after")
    def _says_something(self) -> Hs:
        if not self.inside and not self.out:
            raise ValueError("names no prefix")
        return self


class Price(Strict):
    """A unit price below, or at least, an amount in ``currency`` (ISO 4217); one of the two."""

    below: Annotated[float, Field(gt=0)] | None = None
    at_least: Annotated[float, Field(gt=0)] | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")] = "USD"

    @model_validator(mode="after")
    def _one_side(self) -> Price:
        if (self.below is None) == (self.at_least is None):
            raise ValueError("needs exactly one of below and at_least")
        return self

    @property
    def amount(self) -> float:
        """The limit, in ``currency``."""
        return self.below if self.below is not None else self.at_least or 0.0


class Goods(Strict):
    """Which goods: clusters (any of them), HS prefixes, state; what is named must hold together."""

    clusters: tuple[str, ...] = ()
    hs: Hs | None = None
    state: Literal["used", "new"] | None = None

    @field_validator("clusters")
    @classmethod
    def _known(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(names) - set(CLUSTERS)):
            raise ValueError(f"unknown cluster {', '.join(unknown)}; known are {', '.join(CLUSTERS)}")
        return names

    @property
    def empty(self) -> bool:
        """Whether no condition is named."""
        return not (self.clusters or self.hs or self.state)


class Alternative(Goods):
    """One of several ways in which goods fall under a rule."""

    @model_validator(mode="after")
    def _says_something(self) -> Alternative:
        if self.empty:
            raise ValueError("names no condition")
        return self


class When(Goods):
    """All conditions of a rule; those that are named must hold together.

    Attributes
    ----------
    any_of : alternatives of which the likeliest counts.
    border : how the goods come to the buyer: shipped from ``abroad``, ``imported`` and sold from inside
        Indonesia, or ``domestic``: made in Indonesia and sold there.
    conflict : the seller's word on the ``origin`` against the text, or on ``shipping`` against itself.
    unclear : the model could not tell what the goods are.
    """

    any_of: tuple[Alternative, ...] = ()
    border: tuple[Channel, ...] = ()
    price: Price | None = None
    conflict: Literal["origin", "shipping"] | None = None
    unclear: Literal[True] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> When:
        if self.empty and not (self.any_of or self.border or self.price or self.conflict or self.unclear):
            raise ValueError("names no condition")
        return self


class Unknown(Strict):
    """What a condition that cannot be judged is taken for; whichever it is, it never rejects.

    Attributes
    ----------
    border : ``review`` lets the probability of an import stand in for it; ``hinted`` does so only where
        the listing itself points abroad; ``ignore`` takes it as not met.
    price : ``review`` takes a missing price as met, ``ignore`` as not met.
    """

    border: Literal["review", "hinted", "ignore"] = "review"
    price: Literal["review", "ignore"] = "review"
