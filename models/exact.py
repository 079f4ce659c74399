"""Matrix products whose rows do not depend on their batch.

Floating-point products depend, in their last bits, on how a library cuts the matrices, so the same
listing could score differently alone and in a batch. Here both factors hold whole numbers of at most
127; as long as the inner dimension keeps every partial sum below 2**24, float32 holds it exactly, and
the order of summation no longer matters: 127 * 127 * 1024 < 2**24.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LIMIT = 127
MAX_INNER = 1024
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class QuantizedRows:
    """Rows as whole numbers: ``values[i] * scale[i]`` is row i.

    Attributes
    ----------
    values : (n, d) whole numbers from -127 to 127, as float32 (ready to multiply) or int8 (a quarter of
        the memory).
    scale : (n,) float32.
    """

    values: Floats | NDArray[np.int8]
    scale: Floats

    def __len__(self) -> int:
        return len(self.values)

    def take(self, rows: NDArray[np.intp] | slice) -> QuantizedRows:
        """Some of the rows."""
        return QuantizedRows(self.values[rows], self.scale[rows])

    def dot(self, other: QuantizedRows) -> Floats:
        """(n, m) products of all rows of both, each the same in any batch."""
        if self.values.shape[1] > MAX_INNER:
            raise ValueError(f"inner dimension {self.values.shape[1]} is beyond {MAX_INNER}: sums would round")
        product = self.values.astype(np.float32, copy=False) @ other.values.astype(np.float32, copy=False).T
        product *= self.scale[:, None]
        product *= other.scale[None, :]
        return product

    def floats(self) -> Floats:
        """(n, d) the rows as plain numbers."""
        return np.asarray(self.values * self.scale[:, None], np.float32)


def quantize(rows: NDArray[np.floating]) -> QuantizedRows:
    """Each row scaled to whole numbers of its own largest magnitude; rows of zeros stay zeros."""
    rows = np.asarray(rows, dtype=np.float32)
    top = np.abs(rows).max(axis=1) if rows.shape[1] else np.zeros(len(rows), np.float32)
    scale = np.where(top > 0, top / LIMIT, 1).astype(np.float32)
    return QuantizedRows(np.rint(rows / scale[:, None]), scale)
