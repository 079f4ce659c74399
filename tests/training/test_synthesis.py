"""Each kind of seller's writing shows, and the same seed writes the same."""

from __future__ import annotations

import numpy as np
import pytest

from models.text import Normalizer
from training.synthesis import DISGUISES, SellerNoise, load_noise, misspell, mix

TEXT = "jilbab segiempat motif bunga"
WORDS = TEXT.split()


@pytest.mark.parametrize("name", list(DISGUISES))
def test_a_disguise_changes_the_text_and_is_reproducible(name: str) -> None:
    written = [DISGUISES[name](TEXT, np.random.default_rng(seed)) for seed in range(20)]
    assert any(text != TEXT for text in written)
    assert written == [DISGUISES[name](TEXT, np.random.default_rng(seed)) for seed in range(20)]


@pytest.mark.parametrize("name", ["leet", "homoglyphs", "zero_width", "stretch", "space_out", "emoji"])
def test_the_normaliser_undoes_it(name: str) -> None:
    normalize = Normalizer(WORDS)
    rng = np.random.default_rng(5)
    undone = [normalize(DISGUISES[name](TEXT, rng)) == TEXT for _ in range(50)]
    assert np.mean(undone) >= 0.9


def test_leet_writes_digits() -> None:
    assert any(c.isdigit() for c in DISGUISES["leet"](TEXT, np.random.default_rng(1)))


def test_noise_keeps_the_text_and_adds_known_pieces() -> None:
    noise = load_noise()
    written = [SellerNoise(noise, share=1.0, typos=0.0)(TEXT, np.random.default_rng(i)) for i in range(30)]
    assert all(TEXT in text and text != TEXT for text in written)
    assert len(set(written)) > 20


def test_no_noise_leaves_the_text() -> None:
    assert SellerNoise(load_noise(), share=0.0, typos=0.0)(TEXT, np.random.default_rng(0)) == TEXT


def test_misspelling_touches_one_long_word() -> None:
    changed = misspell(TEXT, np.random.default_rng(2)).split()
    assert len(changed) == len(WORDS)
    assert sum(a != b for a, b in zip(changed, WORDS, strict=True)) <= 1
    assert misspell("a b c", np.random.default_rng(0)) == "a b c"


def test_mixing_keeps_both_texts() -> None:
    mixed = mix("sarung tangan", "gloves", np.random.default_rng(0))
    assert "sarung tangan" in mixed
    assert "gloves" in mixed
