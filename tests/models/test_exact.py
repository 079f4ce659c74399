"""Products that do not depend on how a library cuts the matrices."""

from __future__ import annotations

import numpy as np
import pytest

from models.exact import MAX_INNER, quantize


@pytest.mark.parametrize("inner", [7, 256, MAX_INNER])
def test_rows_are_the_same_alone_and_together(inner: int) -> None:
    rng = np.random.default_rng(0)
    left, right = quantize(rng.normal(size=(37, inner))), quantize(rng.normal(size=(53, inner)))
    together = left.dot(right)
    for i in range(37):
        assert (left.take(slice(i, i + 1)).dot(right)[0] == together[i]).all()


def test_quantized_rows_are_close_and_zero_rows_stay_zero() -> None:
    rows = np.vstack([np.random.default_rng(1).normal(size=(5, 64)), np.zeros((1, 64))])
    assert np.abs(quantize(rows).floats() - rows).max() < 0.02
    assert (quantize(rows).floats()[-1] == 0).all()


def test_sums_that_would_round_are_refused() -> None:
    wide = quantize(np.ones((1, MAX_INNER + 1)))
    with pytest.raises(ValueError, match="inner dimension"):
        wide.dot(wide)
