"""From logits to probabilities that mean what they say, to a depth, and to a set.

Temperature scaling (Guo et al. 2017) with two scalars more: how far the nearest lexicon line is, and
how short the title, so that one calibrator serves clear titles and terse parcel texts alike. Sets are
split-conformal with the adaptive score of Romano et al. 2020.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.exact import Floats

MAX_SET = 20


@dataclass(frozen=True)
class Calibration:
    """The few scalars between the head and an answer.

    Attributes
    ----------
    log_temperature, distance_slope, brevity_slope : temperature = exp(log_temperature
        + distance_slope * (1 - closest) + brevity_slope * brevity).
    thresholds : least calibrated confidence for a code of 2, 4 or 6 digits to be given.
    mass : a set takes codes, best first, while those before have gathered less than this share.
    source : how the scalars were found.
    """

    log_temperature: float = 0.0
    distance_slope: float = 0.0
    brevity_slope: float = 0.0
    thresholds: dict[str, float] = field(default_factory=lambda: {"2": 0.5, "4": 0.5, "6": 0.5})
    mass: float = 0.9
    source: str = "default"

    def probabilities(self, logits: Floats, closest: Floats, brevity: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, k) probabilities of the open codes.

        Parameters
        ----------
        logits : (n, k).
        closest : (n,) cosine to the nearest lexicon line.
        brevity : (n,) 1 / number of words in the title: what is said in two words can be meant in more ways.
        """
        distance = 1 - closest.astype(np.float64)
        log = self.log_temperature + self.distance_slope * distance + self.brevity_slope * brevity
        temperature = np.exp(log)
        scaled = logits.astype(np.float64) / temperature[:, None]
        scaled -= scaled.max(axis=1, keepdims=True)
        shares = np.exp(scaled)
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    def as_json(self) -> dict[str, Any]:
        """Plain values for the bundle."""
        return asdict(self)


def conformal_mass(scores: NDArray[np.float64], coverage: float = 0.9) -> float:
    """Mass that covers: the finite-sample quantile of calibration scores (Vovk; Angelopoulos & Bates 2021).

    Parameters
    ----------
    scores : (n,) probability gathered, best first, before the right code (so 0 where it comes first, which
        keeps the sets of a sure and accurate model small); above 1 where it was not among the open codes.
    """
    n = len(scores)
    rank = int(np.ceil((n + 1) * coverage))
    return float(np.sort(scores)[min(rank, n) - 1])
