"""``training compare``: two bundles on the same listings, with paired intervals and a verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from data.labels import LabelledListing
from models.bundle import load_bundle
from training.evaluate import predict
from training.metrics import hs_hits

DRAWS = 1000
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Difference:
    """Challenger minus champion on one measure, with a 95 % paired bootstrap interval."""

    measure: str
    champion: float
    challenger: float
    low: float
    high: float

    @property
    def worse(self) -> bool:
        """The challenger is worse beyond what chance explains."""
        return self.high < 0

    @property
    def better(self) -> bool:
        """The challenger is better beyond what chance explains."""
        return self.low > 0


def compare(champion: Path, challenger: Path, labelled: Sequence[LabelledListing], seed: int = 0) -> list[Difference]:
    """Differences on every measure that the labels allow."""
    pairs: dict[str, tuple[Floats, Floats]] = {}
    for at, folder in enumerate((champion, challenger)):
        results, _ = predict(load_bundle(folder), labelled)
        hits = hs_hits(results, labelled)
        found = {f"hs{d} top-1": hits.top1[d] for d in (2, 4, 6)} if len(hits.rows) else {}
        found |= _yes_no(results, labelled)
        for name, values in found.items():
            pairs[name] = (values, values) if at == 0 else (pairs[name][0], values)
    rng = np.random.default_rng(seed)
    return [_difference(name, old, new, rng) for name, (old, new) in pairs.items()]


def _yes_no(results: Sequence[dict], labelled: Sequence[LabelledListing]) -> dict[str, Floats]:  # type: ignore[type-arg]
    """Listings whose clusters, and whose side of the border, are exactly right."""
    found = {}
    rows = [i for i, item in enumerate(labelled) if item.clusters is not None]
    if any(labelled[i].clusters for i in rows):
        found["clusters exact"] = np.array(
            [float({c["name"] for c in results[i]["clusters"]} == set(labelled[i].clusters or ())) for i in rows]
        )
    rows = [i for i, item in enumerate(labelled) if item.origin]
    if rows:
        found["made abroad or not"] = np.array(
            [float((results[i]["origin"]["imported"] >= 0.5) == (labelled[i].origin != "ID")) for i in rows]
        )
    return found


def _difference(name: str, old: Floats, new: Floats, rng: np.random.Generator) -> Difference:
    change = new - old
    means = change[rng.integers(len(change), size=(DRAWS, len(change)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return Difference(name, float(old.mean()), float(new.mean()), float(low), float(high))
