"""From a unit vector to a distribution over HS subheadings.

Three views of the same vector are added as logs: the cosine to each code's centre, a hidden layer,
and the nearest lexicon lines. They err differently (training/README.md, ablation). The centres look
at all codes; the other two only at the ``OPEN`` codes that the centres leave open.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.exact import Floats, QuantizedRows, quantize

OPEN = 32
NEAREST = 5
SHARPNESS = 20.0
COSINE_SCALE = 16.0
COSINE_SHARE, DENSE_SHARE, NEAREST_SHARE = 0.25, 0.4, 1.0
DENSE_GAIN = 8.0
Ids = NDArray[np.intp]


@dataclass(frozen=True)
class OpenCodes:
    """What the head says of n listings.

    Attributes
    ----------
    codes : (n, OPEN) class indices, in no order of merit.
    logits : (n, OPEN) uncalibrated scores.
    closest : (n,) cosine to the nearest lexicon line: how well known such a text is.
    lines : (n, OPEN) index of each code's nearest line.
    """

    codes: Ids
    logits: Floats
    closest: Floats
    lines: Ids


@dataclass(frozen=True)
class HsHead:
    """Codes over a vector space.

    Attributes
    ----------
    classes : (c,) sorted codes; six digits, or ``VAGUE`` for texts that name no goods.
    centres : (c, dim) unit rows.
    first, first_bias : (hidden, dim) and (hidden,) the hidden layer.
    second, second_bias : (c, hidden) and (c,) from hidden layer to codes.
    lines : (m, dim) lexicon lines, sorted by class.
    offsets : (c + 1,) where each class's lines start.
    """

    classes: NDArray[np.str_]
    centres: QuantizedRows
    first: QuantizedRows
    first_bias: Floats
    second: QuantizedRows
    second_bias: Floats
    lines: QuantizedRows
    offsets: Ids

    def score(self, vectors: Floats) -> OpenCodes:
        """Score n unit vectors; each row as if it were alone.

        Parameters
        ----------
        vectors : (n, dim) unit rows.
        """
        rows = quantize(vectors)
        cosines = rows.dot(self.centres)
        wide = min(OPEN, len(self.classes))
        codes = np.sort(
            np.argpartition(cosines, len(self.classes) - wide, axis=1)[:, len(self.classes) - wide :], axis=1
        )
        hidden = quantize(np.maximum(rows.dot(self.first) * np.float32(DENSE_GAIN) + self.first_bias, 0))
        dense, nearest, closest, lines = self._open(rows, hidden, codes)
        logits = (
            COSINE_SHARE * COSINE_SCALE * np.take_along_axis(cosines, codes, 1)
            + DENSE_SHARE * dense
            + NEAREST_SHARE * nearest
        )
        return OpenCodes(codes, logits.astype(np.float32), closest.max(axis=1), lines)

    def _open(self, rows: QuantizedRows, hidden: QuantizedRows, codes: Ids) -> tuple[Floats, Floats, Floats, Ids]:
        """Hidden layer's and nearest lines' scores of the open codes, code by code."""
        dense = np.empty(codes.shape, np.float32)
        nearest = np.empty(codes.shape, np.float32)
        closest = np.full(codes.shape, -1, np.float32)
        lines = np.zeros(codes.shape, np.intp)
        flat = codes.ravel()
        order = np.argsort(flat, kind="stable")
        starts = np.flatnonzero(np.diff(flat[order], prepend=-1))
        for start, end in zip(starts, [*starts[1:], len(order)], strict=True):
            places = order[start:end]
            code, listing = flat[places[0]], places // codes.shape[1]
            second = self.second.take(slice(code, code + 1))
            dense.flat[places] = hidden.take(listing).dot(second)[:, 0] + self.second_bias[code]
            begin, stop = self.offsets[code], self.offsets[code + 1]
            if begin == stop:
                nearest.flat[places] = 0
                continue
            cosines = rows.take(listing).dot(self.lines.take(slice(begin, stop)))
            best = cosines.argmax(axis=1)
            lines.flat[places] = begin + best
            closest.flat[places] = cosines[np.arange(len(places)), best]
            if stop - begin > NEAREST:
                cosines = -np.partition(-cosines, NEAREST - 1, axis=1)[:, :NEAREST]
            # sorted, so that the sum does not depend on the order partition leaves
            nearest.flat[places] = np.log(np.exp(SHARPNESS * np.sort(cosines, axis=1)).sum(axis=1))
        return dense, nearest, closest, lines

    def direction(self, code: str, codes: Ids, shares: NDArray[np.float64]) -> Floats:
        """(dim,) from the rival codes' centres, weighed by their shares, to the centre of ``code``."""
        own = int(np.searchsorted(self.classes, code))
        weights = np.where(codes == own, 0, shares)
        rivals = self.centres.take(codes).floats()
        centre = self.centres.take(slice(own, own + 1)).floats()[0]
        return np.asarray(centre - weights @ rivals / max(weights.sum(), 1e-9), np.float32)

    def nearest_lines(self, vector: Floats, code: str, count: int) -> list[int]:
        """Indices of the ``count`` lines of ``code`` nearest to one vector (1, dim)."""
        own = int(np.searchsorted(self.classes, code))
        begin, stop = int(self.offsets[own]), int(self.offsets[own + 1])
        cosines = quantize(vector).dot(self.lines.take(slice(begin, stop)))[0]
        return [begin + int(i) for i in np.argsort(-cosines, kind="stable")[:count]]
