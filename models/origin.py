"""Was the article made abroad, and where: brands, sellers' phrases, the heading's habit, the seller's word.

The default weights are log-odds set by judgement, since no public labels exist; a platform's own
labels replace them by a logistic regression over the same signals (``training.origin``). Where a
parcel starts is kept apart from where an article was made: only a parcel from abroad says something.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.countries import HOME, UNKNOWN_ABROAD
from data.listing import Listing
from data.origins import Brand, Phrase
from models.phrases import Match, PhraseIndex

SIGNALS: tuple[str, ...] = (
    "prior", "article", "english", "brand_abroad", "brand_home", "phrase_abroad", "phrase_home",
    "weak_abroad", "weak_home", "from_abroad", "from_home", "bias",
)  # fmt: skip
DEFAULT_WEIGHTS: dict[str, float] = {
    "prior": 0.6,
    "article": 0.7,
    "english": 0.4,
    "brand_abroad": 1.6,
    "brand_home": -2.2,
    "phrase_abroad": 3.0,
    "phrase_home": -3.0,
    "weak_abroad": 0.8,
    "weak_home": -0.8,
    "from_abroad": 3.0,
    "from_home": -0.2,
    "bias": 0.0,
}
CERTAINTY = {"high": 1.0, "medium": 0.6, "low": 0.3}
ADDING = frozenset({"weak_abroad", "weak_home"})
MOST_WEAK = 3.0
LEAST = 0.01
CONFLICT = 0.9
STATED = 0.97
USUAL_COUNTRIES = {
    "CN": 0.78,
    "JP": 0.04,
    "KR": 0.04,
    "US": 0.03,
    "TH": 0.03,
    "MY": 0.02,
    "VN": 0.02,
    "TW": 0.02,
    "DE": 0.01,
    "IN": 0.01,
}
Found = Match[Brand | Phrase]


@dataclass(frozen=True)
class OriginSignals:
    """What a listing's text says of its origin.

    Attributes
    ----------
    values : (signals,) in the order of ``SIGNALS``.
    matches : brands and phrases found, by field.
    """

    values: NDArray[np.float64]
    matches: Mapping[str, Sequence[Found]]


@dataclass
class OriginModel:
    """Probability that an article was made abroad, and a distribution over countries.

    Attributes
    ----------
    index : brands and phrases to look for.
    priors : (classes,) log-odds of being imported for each code of the HS head.
    weights : one per signal.
    text_weights : (dim,) what the text's vector adds; zeros until labels teach it.
    """

    index: PhraseIndex[Brand | Phrase]
    priors: NDArray[np.float64]
    weights: NDArray[np.float64] = field(default_factory=lambda: np.array([DEFAULT_WEIGHTS[s] for s in SIGNALS]))
    text_weights: NDArray[np.float64] | None = None

    def prior_of(self, codes: NDArray[np.intp], shares: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) log-odds of being imported that go with each listing's open codes (n, k) and their shares."""
        return np.asarray((shares * self.priors[codes]).sum(axis=1))

    def signals(
        self, listing: Listing, texts: Mapping[str, str], prior: float, article: float, english: float
    ) -> OriginSignals:
        """Signals of one listing.

        Parameters
        ----------
        texts : normalised text by field.
        prior : log-odds of being imported, from the HS codes.
        article : probability that such an article is imported, as the text names it.
        english : probability that the title is written in English.
        """
        matches = {name: self.index.find(text) for name, text in texts.items()}
        values = dict.fromkeys(SIGNALS, 0.0)
        values["bias"] = 1.0
        values["prior"] = prior
        values["article"] = math.log(max(article, LEAST) / max(1 - article, LEAST))
        values["english"] = 2 * english - 1
        for name, found in matches.items():
            for match in found:
                for signal, amount in _says(match.value, name):
                    least = values[signal] + amount if signal in ADDING else max(values[signal], amount)
                    values[signal] = min(least, MOST_WEAK)
        crosses = listing.crosses_border
        values["from_abroad"] = float(crosses is True)
        values["from_home"] = float(crosses is False)
        return OriginSignals(np.array([values[s] for s in SIGNALS]), matches)

    def imported(self, signals: OriginSignals, vector: NDArray[np.float32]) -> float:
        """Probability that the article was made abroad, from the text alone."""
        logit = float(signals.values @ self.weights)
        if self.text_weights is not None:
            logit += float(vector.astype(np.float64) @ self.text_weights)
        return 1 / (1 + math.exp(-max(min(logit, 30.0), -30.0)))

    def predict(self, listing: Listing, signals: OriginSignals, vector: NDArray[np.float32]) -> dict[str, Any]:
        """The contract's ``origin`` object: the seller's word stands unless the text contradicts it."""
        imported = self.imported(signals, vector)
        declared = listing.declared_origin
        basis = "predicted"
        if declared is not None:
            basis = "conflict" if _contradicts(declared, imported, signals) else "declared"
        if basis == "declared":
            imported = 1 - STATED if declared == HOME else STATED
        countries = _countries(imported, signals, declared if basis == "declared" else None)
        return {
            "imported": round(imported, 4),
            "country": countries[0]["code"],
            "countries": countries,
            "basis": basis,
        }


def _says(found: Brand | Phrase, where: str) -> list[tuple[str, float]]:
    """Signals of one match, with their strength."""
    if isinstance(found, Brand):
        # descriptions name other brands ("compatible with"); brands that are also words count in the brand field only
        if where == "description" or (found.certainty == "low" and where != "brand"):
            return []
        return [("brand_home" if found.domestic else "brand_abroad", CERTAINTY[found.certainty])]
    if found.says == "none":
        return []
    side = "abroad" if found.says == "imported" else "home"
    return [(f"phrase_{side}" if found.strength == "strong" else f"weak_{side}", 1.0)]


def _contradicts(declared: str, imported: float, signals: OriginSignals) -> bool:
    """The text says abroad in so many words where the seller says Indonesia, or another country than he does."""
    says = [
        match.value
        for found in signals.matches.values()
        for match in found
        if isinstance(match.value, Phrase) and match.value.strength == "strong" and match.value.says != "none"
    ]
    abroad = [phrase for phrase in says if phrase.says == "imported"]
    if declared == HOME:
        return bool(abroad) and imported > CONFLICT - 0.4 or imported > CONFLICT + 0.07
    named = {phrase.country for phrase in abroad} - {"", UNKNOWN_ABROAD}
    return bool(named) and declared not in named or (any(phrase.says == "domestic" for phrase in says) and not abroad)


def _countries(imported: float, signals: OriginSignals, declared: str | None) -> list[dict[str, Any]]:
    """Up to five countries of manufacture, best first; Indonesia among them with what is not imported."""
    if declared is not None and declared != HOME:
        shares = {declared: 1.0}
    else:
        shares = dict(USUAL_COUNTRIES)
        for found in signals.matches.values():
            for match in found:
                named = match.value.made_in if isinstance(match.value, Brand) else match.value.country
                if (
                    named
                    and named not in {HOME, UNKNOWN_ABROAD}
                    and getattr(match.value, "says", "imported") == "imported"
                ):
                    strong = (
                        match.value.strength == "strong"
                        if isinstance(match.value, Phrase)
                        else match.value.certainty != "low"
                    )
                    shares[named] = shares.get(named, 0.0) + (6.0 if strong else 1.0)
    total = sum(shares.values())
    scored = {code: imported * share / total for code, share in shares.items()} | {HOME: 1 - imported}
    ordered = sorted(scored.items(), key=lambda item: (-item[1], item[0]))[:5]
    return [{"code": code, "score": round(score, 4)} for code, score in ordered]
