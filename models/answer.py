"""From probabilities over open codes to the contract's ``hs`` object, a whole batch at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.hs.nomenclature import LEVELS
from models.calibration import MAX_SET, Calibration

VAGUE = "000000"
"""The class of texts that name no goods; its share lowers every confidence and is never shown."""
TOP = 5
Scored = list[tuple[str, float]]
Shares = NDArray[np.float64]
Ids = NDArray[np.intp]


@dataclass(frozen=True)
class Levels:
    """The head's classes at the three levels.

    Attributes
    ----------
    names : by number of digits, the distinct codes, sorted.
    groups : by number of digits, (c,) index into ``names`` of each class; -1 for texts that name no goods.
    """

    names: dict[int, list[str]]
    groups: dict[int, Ids]

    @classmethod
    def of(cls, classes: NDArray[np.str_]) -> Levels:
        """Levels of sorted classes."""
        names, groups = {}, {}
        for digits in LEVELS:
            prefixes = [str(code)[:digits] for code in classes]
            names[digits] = sorted({p for p, code in zip(prefixes, classes, strict=True) if code != VAGUE})
            index = {name: i for i, name in enumerate(names[digits])}
            groups[digits] = np.array(
                [-1 if code == VAGUE else index[p] for p, code in zip(prefixes, classes, strict=True)], np.intp
            )
        return cls(names, groups)


def hs_answers(levels: Levels, codes: Ids, shares: Shares, calibration: Calibration) -> list[dict[str, Any]]:
    """The contract's ``hs`` object of each listing.

    Parameters
    ----------
    codes, shares : (n, k) open classes in rising order, and their calibrated probabilities.
    """
    goods = np.where(levels.groups[6][codes] < 0, 0.0, shares)
    by_level = {digits: _best(levels, digits, codes, goods, TOP if digits < 6 else MAX_SET) for digits in LEVELS}
    answers = []
    for i, total in enumerate(goods.sum(axis=1)):
        sixes = by_level[6][i]
        code, confidence = _deepest({digits: by_level[digits][i] for digits in LEVELS}, calibration)
        answers.append(
            {
                "code": code,
                "level": LEVELS[len(code)] if code else None,
                "confidence": round(confidence, 6),
                "candidates": _as_json(sixes[:TOP]),
                "headings": _as_json(by_level[4][i]),
                "chapters": _as_json(by_level[2][i]),
                "set": _set(sixes, calibration.mass * (total or 1.0)),
            }
        )
    return answers


def _best(levels: Levels, digits: int, codes: Ids, goods: Shares, top: int) -> list[Scored]:
    """Best codes of one level for each row: shares summed over the level's groups, which lie side by side."""
    groups = levels.groups[digits][codes]
    n, k = groups.shape
    first = np.ones((n, k), bool)
    first[:, 1:] = groups[:, 1:] != groups[:, :-1]
    starts = np.flatnonzero(first)
    sums = np.add.reduceat(goods.ravel(), starts)
    rows, ids = starts // k, groups.ravel()[starts]
    order = np.lexsort((ids, -sums, rows))
    ends = np.searchsorted(rows, np.arange(n + 1))
    names, ids_, sums_ = levels.names[digits], ids[order].tolist(), sums[order].tolist()
    return [
        [(names[ids_[j]], sums_[j]) for j in range(begin, min(end, begin + top + 1)) if ids_[j] >= 0][:top]
        for begin, end in zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)
    ]


def _deepest(levels: dict[int, Scored], calibration: Calibration) -> tuple[str | None, float]:
    """The deepest code that clears its level's threshold; where none does, no code and the best chapter's share."""
    for digits in (6, 4, 2):
        if levels[digits] and levels[digits][0][1] >= calibration.thresholds[str(digits)]:
            return levels[digits][0]
    return None, levels[2][0][1] if levels[2] else 0.0


def _set(sixes: Scored, mass: float) -> list[str]:
    """Codes, best first, while those before have gathered less than ``mass``; at least one, at most ``MAX_SET``."""
    chosen: list[str] = []
    gathered = 0.0
    for code, share in sixes:
        if chosen and gathered >= mass:
            break
        chosen.append(code)
        gathered += share
    return chosen


def _as_json(scored: Scored) -> list[dict[str, Any]]:
    return [{"code": code, "score": round(score, 6)} for code, score in scored]
