"""The classifier that joins text, encoder, heads and calibration into one answer a listing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.clusters import CLUSTERS
from data.countries import HOME
from data.listing import Listing
from models.answer import Levels, hs_answers
from models.calibration import Calibration
from models.encoder import Encoder, unit
from models.evidence import EvidenceFinder
from models.exact import Floats
from models.fields import FIELD_WEIGHTS, brevity, normalized_texts
from models.hs_head import HsHead, OpenCodes
from models.origin import OriginModel, OriginSignals
from models.phrases import PhraseIndex
from models.tag_head import TagHead
from models.text import Normalizer

BATCH = 1024
USED_SAID = 0.9


@dataclass
class ListingClassifier:
    """Says what a listing is: HS code, clusters, origin, with the words that gave it away.

    A listing's answer never depends on the others in its batch (see :mod:`models.exact`).

    Attributes
    ----------
    version : name of the bundle, with a digest of its content.
    examples : the lexicon lines of the HS head, in its order, for "like: ..." explanations.
    card : what the bundle says of itself.
    field_weights : how much each field of a listing weighs in its vector.
    """

    version: str
    normalizer: Normalizer
    encoder: Encoder
    hs_head: HsHead
    tags: TagHead
    origin: OriginModel
    second_hand: PhraseIndex[bool]
    calibration: Calibration
    examples: Sequence[str]
    card: dict[str, Any] = field(default_factory=dict)
    field_weights: Mapping[str, float] = field(default_factory=lambda: FIELD_WEIGHTS)

    def __post_init__(self) -> None:
        self._levels = Levels.of(self.hs_head.classes)
        self._english, self._imported = self.tags.names.index("english"), self.tags.names.index("imported")
        self._clusters_at = [(name, self.tags.names.index(name), self.tags.thresholds[name]) for name in CLUSTERS]

    def predict(self, listings: Iterable[Listing], facts: bool = True) -> list[dict[str, Any]]:
        """The contract's result object of each listing, without ``decision`` and ``flags``.

        With ``facts``, each carries under that name what a policy needs to decide later without the
        model: the listing's own facts, and the evidence.
        """
        listings = list(listings)
        results: list[dict[str, Any]] = []
        for start in range(0, len(listings), BATCH):
            results += self._predict(listings[start : start + BATCH], facts)
        return results

    def embed(self, texts: Sequence[dict[str, str]]) -> Floats:
        """(n, dim) unit vectors of listings given as normalised text by field."""
        total = np.zeros((len(texts), self.encoder.dim), np.float32)
        for name, weight in self.field_weights.items():
            rows = [i for i, fields in enumerate(texts) if name in fields]
            if rows:
                total[rows] += np.float32(weight) * self.encoder.encode([texts[i][name] for i in rows])
        return unit(total)

    def scores(self, listings: Sequence[Listing]) -> tuple[OpenCodes, NDArray[np.float64]]:
        """Open codes and their probabilities, for evaluation and calibration."""
        texts = [normalized_texts(listing, self.normalizer) for listing in listings]
        opened = self.hs_head.score(self.embed(texts))
        return opened, self.calibration.probabilities(opened.logits, opened.closest, brevity(texts))

    def explain(self, listing: Listing, code: str) -> dict[str, Any]:
        """Evidence for ``code`` in the listing's text, and the two nearest lexicon lines ("like: ...")."""
        texts = normalized_texts(listing, self.normalizer)
        vector = self.embed([texts])
        opened = self.hs_head.score(vector)
        shares = self.calibration.probabilities(opened.logits, opened.closest, brevity([texts]))[0]
        finder = EvidenceFinder(listing, self.normalizer, self.encoder)
        return {
            "evidence": finder.spans(self.hs_head.direction(code, opened.codes[0], shares)),
            "like": [self.examples[i] for i in self.hs_head.nearest_lines(vector, code, 2)],
        }

    def _predict(self, listings: list[Listing], facts: bool) -> list[dict[str, Any]]:
        texts = [normalized_texts(listing, self.normalizer) for listing in listings]
        vectors = self.embed(texts)
        opened = self.hs_head.score(vectors)
        shares = self.calibration.probabilities(opened.logits, opened.closest, brevity(texts))
        tags = self.tags.score(vectors)
        answers = hs_answers(self._levels, opened.codes, shares, self.calibration)
        priors = self.origin.prior_of(opened.codes, shares)
        results = []
        for i, listing in enumerate(listings):
            scores = tags[i].tolist()
            signals = self.origin.signals(
                listing, texts[i], float(priors[i]), scores[self._imported], scores[self._english]
            )
            result = {
                "id": listing.id,
                "hs": answers[i],
                "clusters": self._clusters(scores),
                "origin": self.origin.predict(listing, signals, vectors[i]),
                "warnings": _warnings(listing, answers[i]),
            }
            if facts:
                result["facts"] = self._facts(
                    listing, texts[i], result, signals, vectors[i], opened.codes[i], shares[i]
                )
            results.append(result)
        return results

    def _clusters(self, scores: list[float]) -> list[dict[str, Any]]:
        found = [(name, scores[at]) for name, at, least in self._clusters_at if scores[at] >= least]
        return [{"name": n, "score": round(s, 4)} for n, s in sorted(found, key=lambda item: -item[1])]

    def _facts(
        self, listing: Listing, texts: dict[str, str], result: dict[str, Any], signals: OriginSignals,
        vector: Floats, codes: NDArray[np.intp], shares: NDArray[np.float64],
    ) -> dict[str, Any]:  # fmt: skip
        used = [match for match in self.second_hand.find(texts["title"]) if match.value]
        clusters = [cluster["name"] for cluster in result["clusters"]]
        evidence: dict[str, list[dict[str, Any]]] = {}
        origin = [
            (f, m) for f, found in signals.matches.items() for m in found if f != "attributes" and _tells(m.value)
        ]
        abroad = _may_be_ruled_by_code(listing, result["origin"]["basis"])
        if clusters or used or origin or abroad:
            finder = EvidenceFinder(listing, self.normalizer, self.encoder)
            for name in clusters:
                evidence[name] = finder.spans(self.tags.direction(vector, name))
            if used:
                evidence["used"] = [finder.matched("title", m.start, m.end) for m in used[:3]]
            if origin:
                evidence["origin"] = [finder.matched(f, m.start, m.end) for f, m in origin[:3]]
            if abroad and result["hs"]["candidates"]:
                best = result["hs"]["candidates"][0]["code"]
                evidence["hs"] = finder.spans(self.hs_head.direction(best, codes, shares))
        worn = next((c["score"] for c in result["clusters"] if c["name"] == "used_clothing"), 0.0)
        return {
            "title": listing.title,
            "price": listing.price,
            "currency": listing.price_currency,
            "crosses_border": listing.crosses_border,
            "ship_from": listing.ship_from,
            "declared_origin": listing.declared_origin,
            "used": max(worn, USED_SAID if used else 0.0),
            "evidence": evidence,
        }


def _may_be_ruled_by_code(listing: Listing, basis: str) -> bool:
    """Whether a rule on HS codes could bite, so that evidence for the code is worth its time: the parcel comes from
    abroad, or nothing is known of its way while the price or the seller's own words point abroad."""
    if listing.crosses_border is not None:
        return listing.crosses_border
    foreign = listing.declared_origin is not None and listing.declared_origin != HOME
    return basis == "conflict" or listing.price_currency != "IDR" or foreign


def _tells(value: Any) -> bool:
    return getattr(value, "says", "") != "none"


def _warnings(listing: Listing, answer: dict[str, Any]) -> list[str]:
    declared, code = listing.declared_hs, answer["code"]
    if declared and code and declared[: len(code)] != code[: len(declared)]:
        return [f"declared_hs {declared} differs from the predicted code {code}"]
    return []
