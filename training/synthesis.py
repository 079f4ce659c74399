"""Writing a known text as a seller would: noise, misspelling, truncation, code-mixing, disguise.

Everything draws from the generator it is given, so the same seed gives the same texts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

import data.lexicon
from data.tables import read_table

NOISE_SHARE, TYPO_SHARE = 0.5, 0.06
NOISE_COUNTS = (1, 1, 2, 3, 4, 6)
FRONT_SHARE = 0.3
LEET = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7", "b": "8"}
HOMOGLYPHS = {"a": "а", "e": "е", "o": "о", "p": "р", "c": "с", "x": "х", "i": "і", "s": "ѕ", "j": "ј", "y": "у"}
EMOJI = ("🔥", "✨", "💯", "⭐", "❤️", "🎁", "✅", "👍")
ZERO_WIDTH = ("\u200b", "\u200c", "\u200d", "\ufeff")
Disguise = Callable[[str, np.random.Generator], str]


def load_noise() -> list[str]:
    """Promotion words, colours, sizes and addressees from ``data/lexicon/seller_noise.csv``."""
    path = Path(data.lexicon.__file__).parent / "seller_noise.csv"
    return [row["text"] for _, row in read_table(path, ("lang", "kind", "text"))]


class SellerNoise:
    """Adds up to six pieces of noise before and after a text, and now and then misspells a word."""

    def __init__(self, noise: Sequence[str], share: float = NOISE_SHARE, typos: float = TYPO_SHARE) -> None:
        self.noise, self.share, self.typos = noise, share, typos

    def __call__(self, text: str, rng: np.random.Generator) -> str:
        """``text`` with noise."""
        if self.typos and rng.random() < self.typos:
            text = misspell(text, rng)
        if not self.noise or rng.random() > self.share:
            return text
        before: list[str] = []
        after: list[str] = []
        for i in rng.integers(len(self.noise), size=NOISE_COUNTS[rng.integers(len(NOISE_COUNTS))]):
            (before if rng.random() < FRONT_SHARE else after).append(self.noise[i])
        return " ".join([*before, text, *after])


def misspell(text: str, rng: np.random.Generator) -> str:
    """One word of five letters or more with a letter dropped, doubled, or two swapped."""
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) > 4 and word.isalpha()]
    if not long:
        return text
    at = long[rng.integers(len(long))]
    word, i = words[at], int(rng.integers(1, len(words[at]) - 1))
    kind = rng.integers(3)
    words[at] = (
        word[:i] + word[i + 1 :] if kind == 0
        else word[:i] + word[i] + word[i:] if kind == 1
        else word[:i] + word[i + 1] + word[i] + word[i + 2 :]
    )  # fmt: skip
    return " ".join(words)


def mix(text: str, other: str, rng: np.random.Generator) -> str:
    """Code-mixing: two ways of naming one article in one title."""
    return f"{text} {other}" if rng.random() < 0.5 else f"{other} {text}"


def leet(text: str, rng: np.random.Generator) -> str:
    """Letters as digits: h1j4b."""
    return "".join(LEET[c][rng.integers(len(LEET[c]))] if c in LEET and rng.random() < 0.7 else c for c in text)


def space_out(text: str, rng: np.random.Generator) -> str:
    """One long word with its letters spaced or dotted apart."""
    return _in_one_word(text, rng, lambda word: " .-_*"[rng.integers(5)].join(word))


def homoglyphs(text: str, rng: np.random.Generator) -> str:
    """Latin letters as Cyrillic ones that look the same."""
    return "".join(HOMOGLYPHS[c] if c in HOMOGLYPHS and rng.random() < 0.5 else c for c in text)


def zero_width(text: str, rng: np.random.Generator) -> str:
    """Invisible characters inside words."""
    return "".join(c + ZERO_WIDTH[rng.integers(4)] if c.isalpha() and rng.random() < 0.4 else c for c in text)


def stretch(text: str, rng: np.random.Generator) -> str:
    """One word with a letter repeated: hijaaaab."""

    def longer(word: str) -> str:
        i = int(rng.integers(1, len(word)))
        return word[:i] + word[i] * int(rng.integers(2, 5)) + word[i:]

    return _in_one_word(text, rng, longer)


def emoji(text: str, rng: np.random.Generator) -> str:
    """Emoji between words."""
    return " ".join(word + EMOJI[rng.integers(len(EMOJI))] if rng.random() < 0.5 else word for word in text.split(" "))


def truncate(text: str, rng: np.random.Generator) -> str:
    """One long word cut short by a letter or two: jilba."""
    return _in_one_word(text, rng, lambda word: word[: -int(rng.integers(1, 3))] if len(word) > 6 else word)


DISGUISES: dict[str, Disguise] = {
    "leet": leet, "space_out": space_out, "homoglyphs": homoglyphs, "zero_width": zero_width,
    "stretch": stretch, "emoji": emoji, "truncate": truncate,
}  # fmt: skip


def _in_one_word(text: str, rng: np.random.Generator, change: Callable[[str], str]) -> str:
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) > 3 and word.isalpha()]
    if not long:
        return text
    at = long[rng.integers(len(long))]
    return " ".join([*words[:at], change(words[at]), *words[at + 1 :]])
