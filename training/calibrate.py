"""Finding the few scalars between head and answer on labelled listings."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from data.labels import LabelledListing
from models.answer import VAGUE
from models.calibration import Calibration, conformal_mass
from models.classifier import ListingClassifier
from models.fields import brevity, normalized_texts
from models.hs_head import OpenCodes

FLOOR = 1e-4
BEYOND = 1.01


@dataclass(frozen=True)
class Sample:
    """Open codes of labelled listings, how short the titles are, which codes are right, and the listings' weights."""

    opened: OpenCodes
    brevity: NDArray[np.float64]
    right_heading: NDArray[np.bool_]
    right_code: NDArray[np.bool_]
    weights: NDArray[np.float64]


def sample_of(model: ListingClassifier, groups: Sequence[Sequence[LabelledListing]]) -> Sample:
    """Score groups of labelled listings; every group counts the same, however many listings it has."""
    listings = [item for group in groups for item in group if item.hs]
    weights = np.concatenate([np.full(n, 1 / n) for n in (sum(1 for i in g if i.hs) for g in groups) if n])
    opened, _ = model.scores([item.listing for item in listings])
    names = model.hs_head.classes[opened.codes]
    allowed = [tuple(code for code in (item.hs, *item.hs_also) if code) for item in listings]
    heading = np.array(
        [[name[:4] in {c[:4] for c in ok} for name in row] for row, ok in zip(names, allowed, strict=True)]
    )
    code = np.array(
        [[name.startswith(tuple(c[:6] for c in ok)) for name in row] for row, ok in zip(names, allowed, strict=True)]
    )
    short = brevity([normalized_texts(item.listing, model.normalizer) for item in listings])
    return Sample(opened, short, heading, code, weights)


def find_calibration(model: ListingClassifier, groups: Sequence[Sequence[LabelledListing]], source: str) -> Calibration:
    """Temperature by the likelihood of the heading, then the mass that sets must gather.

    Parameters
    ----------
    groups : labelled listings of different kinds; for the temperature each kind weighs the same, and the
        first is the kind that the sets' coverage is promised for.
    source : how the listings came about, kept with the scalars.
    """
    sample = sample_of(model, groups)

    def loss(scalars: NDArray[np.float64]) -> float:
        shares = _shares(_with(scalars), sample)
        right = np.maximum((shares * sample.right_heading).sum(axis=1), FLOOR)
        return float(-(sample.weights * np.log(right)).sum() / sample.weights.sum())

    found = minimize(loss, np.zeros(3), method="Nelder-Mead")
    calibration = dataclasses.replace(_with(np.round(found.x, 4)), source=source)
    return dataclasses.replace(calibration, mass=_mass(model, sample_of(model, groups[:1]), calibration))


def _with(scalars: NDArray[np.float64]) -> Calibration:
    level, distance, brief = (float(scalar) for scalar in scalars)
    return Calibration(log_temperature=level, distance_slope=distance, brevity_slope=brief)


def _shares(calibration: Calibration, sample: Sample) -> NDArray[np.float64]:
    return calibration.probabilities(sample.opened.logits, sample.opened.closest, sample.brevity)


def _mass(model: ListingClassifier, sample: Sample, calibration: Calibration) -> float:
    shares = _shares(calibration, sample)
    shares = np.where(model.hs_head.classes[sample.opened.codes] == VAGUE, 0, shares)
    shares /= shares.sum(axis=1, keepdims=True)
    order = np.argsort(-shares, axis=1)
    gathered = np.cumsum(np.take_along_axis(shares, order, 1), axis=1)
    right = np.take_along_axis(sample.right_code, order, 1)
    before = gathered - np.take_along_axis(shares, order, 1)
    scores = np.where(right.any(axis=1), before[np.arange(len(right)), right.argmax(axis=1)], BEYOND)
    return float(np.ceil(1e4 * min(conformal_mass(scores), 1.0)) / 1e4)
