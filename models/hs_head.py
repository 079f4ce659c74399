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
    shares : how much the centres, the hidden layer and the nearest lines weigh.
    """

    classes: NDArray[np.str_]
    centres: QuantizedRows
    first: QuantizedRows
    first_bias: Floats
    second: QuantizedRows
    second_bias: Floats
    lines: QuantizedRows
    offsets: Ids
    shares: tuple[float, float, float] = (0.25, 0.4, 1.0)

    def score(self, vectors: Floats) -> OpenCodes:
        """Score n unit vectors; each row as if it were alone.

        Parameters
        ----------
        vectors : (n, dim) unit rows.
        """
        rows = quantize(vectors)
        cosines = rows.dot(self.centres)
        wide = min(OPEN, len(self.classes))
        codes = _largest(cosines, wide)
        hidden = quantize(np.maximum(rows.dot(self.first) * np.float32(DENSE_GAIN) + self.first_bias, 0))
        dense, nearest, closest, lines = self._open(rows, hidden, codes)
        centre_share, dense_share, nearest_share = self.shares
        near_centre = COSINE_SCALE * np.take_along_axis(cosines, codes, 1)
        logits = centre_share * near_centre + dense_share * dense + nearest_share * nearest
        return OpenCodes(codes, logits.astype(np.float32), closest.max(axis=1), lines)

    def _open(self, rows: QuantizedRows, hidden: QuantizedRows, codes: Ids) -> tuple[Floats, Floats, Floats, Ids]:
        """Hidden layer's and nearest lines' scores of the open codes, code by code.

        Listings that leave the same code open share one small product. Scales are applied to all pairs at
        once at the end: within a pair they change no order.
        """
        wide = codes.shape[1]
        flat = codes.ravel()
        order = np.argsort(flat, kind="stable")
        listing = order // wide
        starts = np.flatnonzero(np.diff(flat[order], prepend=-1))
        dense = np.empty(len(flat), np.float32)
        best = np.full((len(flat), NEAREST), -np.inf, np.float32)  # a code without lines stays far from everything
        lines = np.zeros(len(flat), np.intp)
        values, hidden_values = rows.values, hidden.values
        for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(order)], strict=True):
            code, owners = flat[order[start]], listing[start:end]
            dense[start:end] = hidden_values[owners] @ self.second.values[code]
            begin, stop = self.offsets[code], self.offsets[code + 1]
            if begin == stop:
                continue
            products = values[owners] @ self.lines.values[begin:stop].astype(np.float32).T
            products *= self.lines.scale[begin:stop]
            lines[start:end] = begin + products.argmax(axis=1)
            if stop - begin > NEAREST:
                products.partition(stop - begin - NEAREST, axis=1)
                best[start:end] = products[:, stop - begin - NEAREST :]
            else:
                best[start:end, : stop - begin] = products
        best *= rows.scale[listing][:, None]
        best.sort(axis=1)  # so that the sum does not depend on the order partition leaves
        dense = dense * hidden.scale[listing] * self.second.scale[flat[order]] + self.second_bias[flat[order]]
        back = np.empty_like(order)
        back[order] = np.arange(len(order))
        nearest = np.log(np.maximum(np.exp(SHARPNESS * best).sum(axis=1), 1.0))
        return (
            dense[back].reshape(codes.shape),
            nearest[back].reshape(codes.shape),
            np.maximum(best[back, -1], -1).reshape(codes.shape),
            lines[back].reshape(codes.shape),
        )

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


def _largest(scores: Floats, count: int) -> Ids:
    """(n, count) columns of the largest scores in each row, in rising order; among equals the first columns.

    A partition of the values and a mask are several times faster than a partition of the indices.
    """
    least = np.partition(scores, scores.shape[1] - count, axis=1)[:, scores.shape[1] - count]
    chosen = scores >= least[:, None]
    surplus = chosen.sum(axis=1) - count
    for row in np.flatnonzero(surplus):
        chosen[row, np.flatnonzero(scores[row] == least[row])[-surplus[row] :]] = False
    return np.asarray(np.nonzero(chosen)[1].reshape(len(scores), count), np.intp)
