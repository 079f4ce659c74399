"""What a rule looks at, read once from a stored prediction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data.countries import HOME
from data.policy.rates import HOME_CURRENCY

DEFAULT_USED = 0.0


class Facts:
    """A prediction's numbers in the form in which conditions ask for them.

    Attributes
    ----------
    mass : probability by HS code, two, four and six digits; what is not listed counts as zero.
    crossing : whether the parcel starts abroad; None: unknown.
    declared : whether ``imported`` rests on the seller's own word for the origin.
    hinted : whether the listing itself points abroad, though it does not say where it ships from.
    """

    __slots__ = (
        "abstained", "chapters", "clusters", "conflict_origin", "conflict_shipping", "crossing",
        "currency", "declared", "hinted", "imported", "mass", "price", "unclear", "used",
    )  # fmt: skip

    def __init__(self, prediction: Mapping[str, Any]) -> None:
        facts: Mapping[str, Any] = prediction.get("facts") or {}
        hs: Mapping[str, Any] = prediction.get("hs") or {}
        origin: Mapping[str, Any] = prediction.get("origin") or {}
        self.mass = hs_mass(hs)
        self.chapters = {code[:2] for code in self.mass}
        self.clusters: dict[str, float] = {row["name"]: row["score"] for row in prediction.get("clusters") or ()}
        self.abstained = hs.get("code") is None
        self.unclear = self.abstained and not self.clusters
        self.imported: float = origin.get("imported") or 0.0
        basis = origin.get("basis")
        self.declared = basis == "declared"
        self.conflict_origin = basis == "conflict"
        ship_from = facts.get("ship_from")
        crossing = facts.get("crosses_border")
        self.conflict_shipping = crossing is not None and ship_from is not None and crossing != (ship_from != HOME)
        self.crossing: bool | None = crossing if crossing is not None or ship_from is None else ship_from != HOME
        self.price: float | None = facts.get("price")
        self.currency: str = facts.get("currency") or HOME_CURRENCY
        self.hinted = self.conflict_origin or (self.price is not None and self.currency != HOME_CURRENCY)
        self.used: float = facts.get("used") or DEFAULT_USED


def hs_mass(hs: Mapping[str, Any]) -> dict[str, float]:
    """Probability by code at all three levels.

    A heading's or chapter's own score counts where it is listed. Where it is not, though codes below it
    are, the sum of those stands in: it is the least the score can be.
    """
    mass: dict[str, float] = {row["code"]: row["score"] for row in hs.get("chapters") or ()}
    below: dict[str, float] = {}
    listed = set(mass)
    headings = hs.get("headings") or ()
    for row in headings:
        code, score = row["code"], row["score"]
        mass[code] = score
        listed.add(code)
        chapter = code[:2]
        if chapter not in listed:
            below[chapter] = below.get(chapter, 0.0) + score
    for row in hs.get("candidates") or ():
        code, score = row["code"], row["score"]
        mass[code] = score
        heading = code[:4]
        if heading not in listed:
            below[heading] = below.get(heading, 0.0) + score
            chapter = code[:2]
            if chapter not in listed:
                below[chapter] = below.get(chapter, 0.0) + score
    if below:
        mass.update(below)
    return mass
