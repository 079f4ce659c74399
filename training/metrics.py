"""Measures of a classifier on labelled listings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from data.clusters import CLUSTERS
from data.countries import HOME
from data.labels import LabelledListing
from models.calibration import MAX_SET

LEVELS = (2, 4, 6)
BINS = 10
Results = Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Hits:
    """Right or wrong, a row a listing with an HS label.

    Attributes
    ----------
    top1, top5 : by digits, (n,) of 0 and 1; a code in ``hs_also`` counts as right.
    strict1 : by digits, the same with the best code alone.
    confidence : by digits, (n,) score of the first candidate at that level.
    covered, sizes : (n,) whether the set holds the right code, and how many codes it has.
    answered : (n,) whether a code was given at all.
    rows : (n,) index of the listing.
    """

    top1: dict[int, NDArray[np.float64]]
    top5: dict[int, NDArray[np.float64]]
    strict1: dict[int, NDArray[np.float64]]
    confidence: dict[int, NDArray[np.float64]]
    covered: NDArray[np.float64]
    sizes: NDArray[np.float64]
    answered: NDArray[np.float64]
    rows: NDArray[np.intp]


def hs_hits(results: Results, labelled: Sequence[LabelledListing]) -> Hits:
    """Compare predictions with HS labels; listings without one are left out."""
    rows = [i for i, item in enumerate(labelled) if item.hs]
    names = {2: "chapters", 4: "headings", 6: "candidates"}
    top1: dict[int, list[float]] = {d: [] for d in LEVELS}
    top5: dict[int, list[float]] = {d: [] for d in LEVELS}
    strict: dict[int, list[float]] = {d: [] for d in LEVELS}
    confidence: dict[int, list[float]] = {d: [] for d in LEVELS}
    covered, sizes, answered = [], [], []
    for i in rows:
        hs, item = results[i]["hs"], labelled[i]
        for digits in LEVELS:
            found = [c["code"] for c in hs[names[digits]]]
            right = _right(item, digits)
            top1[digits].append(float(bool(found) and found[0] in right))
            top5[digits].append(float(bool(right & set(found))))
            strict[digits].append(float(bool(found) and found[0] == (item.hs or "")[:digits]))
            confidence[digits].append(hs[names[digits]][0]["score"] if found else 0.0)
        covered.append(float(any(code.startswith(tuple(_right(item, 6, prefix=True))) for code in hs["set"])))
        sizes.append(float(len(hs["set"])))
        answered.append(float(hs["code"] is not None))
    return Hits(
        _arrays(top1), _arrays(top5), _arrays(strict), _arrays(confidence),
        np.array(covered), np.array(sizes), np.array(answered), np.array(rows, np.intp),
    )  # fmt: skip


def _arrays(values: dict[int, list[float]]) -> dict[int, NDArray[np.float64]]:
    return {digits: np.array(found) for digits, found in values.items()}


def _right(item: LabelledListing, digits: int, prefix: bool = False) -> set[str]:
    """Codes of ``digits`` digits that count as right; with ``prefix`` shorter labels too, as prefixes."""
    codes = [code for code in (item.hs, *item.hs_also) if code]
    return {code[:digits] for code in codes if prefix or len(code) >= digits}


def calibration_error(confidence: NDArray[np.float64], right: NDArray[np.float64], bins: int = BINS) -> float:
    """Expected calibration error over bins of equal width (Naeini et al. 2015)."""
    at = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(sum(abs((confidence[at == b] - right[at == b]).sum()) for b in range(bins)) / max(len(right), 1))


def interval(values: NDArray[np.float64], seed: int = 0, draws: int = 500) -> tuple[float, float]:
    """95 % bootstrap interval of a mean."""
    if not len(values):
        return (0.0, 0.0)
    rng = np.random.default_rng(seed)
    means = values[rng.integers(len(values), size=(draws, len(values)))].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


def hs_metrics(hits: Hits) -> dict[str, Any]:
    """Accuracy at each level with intervals, calibration, sets, abstention."""
    if not len(hits.rows):
        return {}
    levels = {
        f"hs{d}": {
            "top1": float(hits.top1[d].mean()),
            "top1_interval": interval(hits.top1[d]),
            "top5": float(hits.top5[d].mean()),
            "top1_best_code_only": float(hits.strict1[d].mean()),
            "calibration_error": calibration_error(hits.confidence[d], hits.top1[d]),
        }
        for d in LEVELS
    }
    return {
        "listings": len(hits.rows),
        **levels,
        "set": {"coverage": float(hits.covered.mean()), "mean_size": float(hits.sizes.mean()), "largest": MAX_SET},
        "answered": float(hits.answered.mean()),
    }


def cluster_metrics(results: Results, labelled: Sequence[LabelledListing]) -> dict[str, Any]:
    """Micro precision and recall over all clusters, and each cluster's own."""
    rows = [i for i, item in enumerate(labelled) if item.clusters is not None]
    if not any(labelled[i].clusters for i in rows):
        return {}
    said = [{c["name"] for c in results[i]["clusters"]} for i in rows]
    true = [set(labelled[i].clusters or ()) for i in rows]
    each = {
        name: {
            "right": sum(name in s and name in t for s, t in zip(said, true, strict=True)),
            "said": sum(name in s for s in said),
            "true": sum(name in t for t in true),
        }
        for name in CLUSTERS
    }
    right, total_said, total_true = (sum(row[key] for row in each.values()) for key in ("right", "said", "true"))
    return {
        "listings": len(rows),
        "precision": right / max(total_said, 1),
        "recall": right / max(total_true, 1),
        "by_cluster": each,
    }


def origin_metrics(results: Results, labelled: Sequence[LabelledListing]) -> dict[str, Any]:
    """Area under the ROC curve of ``imported``, and share of right countries among the imported."""
    rows = [i for i, item in enumerate(labelled) if item.origin]
    abroad = np.array([labelled[i].origin != HOME for i in rows])
    if len(set(abroad.tolist())) < 2:
        return {}
    scores = np.array([results[i]["origin"]["imported"] for i in rows])
    known = [i for i in rows if labelled[i].origin not in {HOME, "XX"}]
    right = [_first_abroad(results[i]) == labelled[i].origin for i in known]
    return {
        "listings": len(rows),
        "auc": float(roc_auc_score(abroad, scores)),
        "country_top1_of_imported": float(np.mean(right)) if right else None,
    }


def _first_abroad(result: dict[str, Any]) -> str | None:
    return next((c["code"] for c in result["origin"]["countries"] if c["code"] != HOME), None)
