"""Yes-or-no questions about a listing: the fourteen clusters, second-hand goods, the language's lean."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.exact import Floats, QuantizedRows, quantize


@dataclass(frozen=True)
class TagHead:
    """A hidden layer and one logistic output a tag.

    Attributes
    ----------
    names : the tags.
    first, first_bias : (hidden, dim), (hidden,).
    second, second_bias : (tags, hidden), (tags,).
    thresholds : by tag, the least score to report it.
    """

    names: tuple[str, ...]
    first: QuantizedRows
    first_bias: Floats
    second: QuantizedRows
    second_bias: Floats
    thresholds: dict[str, float]

    def score(self, vectors: Floats) -> NDArray[np.float64]:
        """(n, tags) probabilities."""
        logits = self._hidden(vectors).dot(self.second) + self.second_bias
        return 1 / (1 + np.exp(-logits.astype(np.float64)))

    def direction(self, vector: Floats, tag: str) -> Floats:
        """(dim,) which way the tag's score grows at ``vector`` (its gradient): what a word's share is read off."""
        active = self._hidden(vector[None]).floats()[0] > 0
        row = self.second.floats()[self.names.index(tag)]
        return np.asarray((row * active) @ self.first.floats(), np.float32)

    def _hidden(self, vectors: Floats) -> QuantizedRows:
        return quantize(np.maximum(8 * quantize(vectors).dot(self.first) + self.first_bias, 0))
