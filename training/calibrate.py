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
from models.hs_head import OpenCodes

FLOOR = 1e-4
BEYOND = 1.01


@dataclass(frozen=True)
class Sample:
    """Open codes of labelled listings, which of them are right, and how much each listing counts."""

    opened: OpenCodes
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
    return Sample(opened, heading, code, weights)


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
        shares = Calibration(float(scalars[0]), float(scalars[1])).probabilities(
            sample.opened.logits, sample.opened.closest
        )
        right = np.maximum((shares * sample.right_heading).sum(axis=1), FLOOR)
        return float(-(sample.weights * np.log(right)).sum() / sample.weights.sum())

    found = minimize(loss, np.zeros(2), method="Nelder-Mead")
    calibration = Calibration(round(float(found.x[0]), 4), round(float(found.x[1]), 4), source=source)
    return dataclasses.replace(calibration, mass=_mass(model, sample_of(model, groups[:1]), calibration))


def _mass(model: ListingClassifier, sample: Sample, calibration: Calibration) -> float:
    shares = calibration.probabilities(sample.opened.logits, sample.opened.closest)
    shares = np.where(model.hs_head.classes[sample.opened.codes] == VAGUE, 0, shares)
    shares /= shares.sum(axis=1, keepdims=True)
    order = np.argsort(-shares, axis=1)
    gathered = np.cumsum(np.take_along_axis(shares, order, 1), axis=1)
    right = np.take_along_axis(sample.right_code, order, 1)
    before = gathered - np.take_along_axis(shares, order, 1)
    scores = np.where(right.any(axis=1), before[np.arange(len(right)), right.argmax(axis=1)], BEYOND)
    return float(np.ceil(1e4 * min(conformal_mass(scores), 1.0)) / 1e4)
