"""Texts as bags of words, words as bags of parts: the arrays the network trains on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.words import WordParts, split_words

Ids = NDArray[np.int64]


@dataclass(frozen=True)
class Bags:
    """Ragged rows of ids: row i is ``ids[offsets[i]:offsets[i + 1]]``."""

    ids: Ids
    offsets: Ids

    @classmethod
    def of(cls, rows: Iterable[Sequence[int]]) -> Bags:
        """Bags from plain lists."""
        rows = list(rows)
        offsets = np.zeros(len(rows) + 1, np.int64)
        np.cumsum([len(row) for row in rows], out=offsets[1:])
        return cls(np.fromiter((i for row in rows for i in row), np.int64, offsets[-1]), offsets)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, rows: Ids) -> Bags:
        """The bags of ``rows``, in that order."""
        sizes = self.offsets[rows + 1] - self.offsets[rows]
        offsets = np.zeros(len(rows) + 1, np.int64)
        np.cumsum(sizes, out=offsets[1:])
        shift = np.repeat(self.offsets[rows] - offsets[:-1], sizes)
        return Bags(self.ids[np.arange(offsets[-1]) + shift], offsets)


@dataclass
class WordList:
    """Words met so far, with the parts of each; grows while texts are read."""

    parts: WordParts
    index: dict[str, int] = field(default_factory=dict)

    def read(self, texts: Iterable[str]) -> Bags:
        """Texts (normalised) as bags of word ids; new words join the list."""
        index = self.index
        return Bags.of([index.setdefault(word, len(index)) for word in split_words(text)] for text in texts)

    def bags(self) -> tuple[Bags, Bags]:
        """Pieces and n-grams of every word in the list."""
        words = list(self.index)
        return Bags.of(self.parts.pieces(words)), Bags.of(self.parts.grams(word) for word in words)


Rewrite = Callable[[str, np.random.Generator], str]
"""A way of writing a text as a seller would: adds noise, misspells, decorates."""
