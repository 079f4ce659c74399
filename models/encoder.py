"""From texts to unit vectors: the static default, and any sentence-transformers model by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from threading import Lock
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from models.exact import Floats, QuantizedRows
from models.words import WordParts, split_words

CACHE_WORDS = 30_000
CHUNK = 4096


class Encoder(Protocol):
    """What the classifier asks of an encoder."""

    @property
    def dim(self) -> int:
        """Size of a vector."""
        ...

    def encode(self, texts: Sequence[str]) -> Floats:
        """(n, dim) unit vectors of normalised texts; zeros for a text without words."""
        ...

    def word_vectors(self, words: Sequence[str]) -> Floats:
        """(n, dim) what each word adds to a text's direction."""
        ...


@dataclass
class StaticEncoder:
    """A text is the sum of its words; a word the sum of its pieces plus the mean of its n-grams.

    No network runs: words met before are rows of a table. ``encode`` of a row does not depend on its
    batch, since each row adds up its own words in their own order.

    Attributes
    ----------
    parts : how words fall into pieces and n-grams.
    pieces : (vocabulary, dim) int8 rows with their scale.
    grams : (buckets, dim) int8 rows with their scale.
    """

    parts: WordParts
    pieces: QuantizedRows
    grams: QuantizedRows
    _index: dict[str, int] = field(default_factory=dict, repr=False)
    _table: Floats = field(init=False, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)
    _base: int = field(default=0, repr=False)

    def __post_init__(self) -> None:
        self._table = np.zeros((256, self.dim), np.float32)

    @property
    def dim(self) -> int:
        """Size of a vector."""
        return int(self.pieces.values.shape[1])

    def encode(self, texts: Sequence[str]) -> Floats:
        """(n, dim) unit vectors of normalised texts."""
        bags = [split_words(text) for text in texts]
        return unit(self._sums(bags))

    def word_vectors(self, words: Sequence[str]) -> Floats:
        """(n, dim) what each word adds, from the table."""
        ids, table = self._rows([words])
        return table[ids]

    def _made(self, words: list[str]) -> Floats:
        """(n, dim) sum of pieces plus mean of n-grams, a row a word."""
        pieces = self.parts.pieces(words)
        vectors = _ragged_sum(pieces, self.pieces)
        if self.parts.buckets:
            grams = [self.parts.grams(word) for word in words]
            sizes = np.fromiter((max(len(row), 1) for row in grams), np.float32, len(grams))
            vectors += _ragged_sum(grams, self.grams) / sizes[:, None]
        return vectors

    def remember(self, words: Sequence[str]) -> Floats:
        """Keep the vectors of ``words`` for good; returns them."""
        with self._lock:
            vectors = self._made(list(words))
            self._index = {word: i for i, word in enumerate(words)}
            self._table = np.concatenate([vectors, np.zeros((256, self.dim), np.float32)])
            self._base = len(words)
        return vectors

    def _rows(self, bags: Sequence[Sequence[str]]) -> tuple[NDArray[np.intp], Floats]:
        """Rows of all words in the table, and the table they stand in."""
        with self._lock:
            index, table = self._index, self._table
            missing = sorted({word for bag in bags for word in bag if word not in index})
            if missing:
                index, table = self._learn(missing)
            return np.fromiter((index[word] for bag in bags for word in bag), np.intp), table

    def _sums(self, bags: list[list[str]]) -> Floats:
        ids, table = self._rows(bags)
        ends = np.concatenate([[0], np.cumsum([len(bag) for bag in bags])])
        chosen = csr_array((np.ones(len(ids), np.float32), ids, ends), shape=(len(bags), len(table)))
        return np.asarray(chosen @ table, np.float32)

    def _learn(self, missing: list[str]) -> tuple[dict[str, int], Floats]:
        """Add words to the table; start over from the words kept for good when it is full."""
        if len(self._index) + len(missing) > self._base + CACHE_WORDS:
            self._index = {word: i for word, i in self._index.items() if i < self._base}
        used = len(self._index)
        need = used + len(missing)
        if need > len(self._table):
            grown = np.zeros((need + need // 8, self.dim), np.float32)
            grown[:used] = self._table[:used]
            self._table = grown
        self._table[used:need] = self._made(missing)
        self._index.update((word, used + i) for i, word in enumerate(missing))
        return self._index, self._table


@dataclass
class SentenceEncoder:
    """Any sentence-transformers model; needs the ``training`` extra.

    Texts are encoded one at a time: padding a batch changes the last bits of a row.

    Attributes
    ----------
    name : a model's name or directory.
    """

    name: str

    @cached_property
    def _model(self) -> Any:
        from sentence_transformers import SentenceTransformer  # heavy: only where such an encoder is asked for

        return SentenceTransformer(self.name, device="cpu")

    @cached_property
    def dim(self) -> int:
        """Size of a vector."""
        return int(self._model.get_embedding_dimension())

    def encode(self, texts: Sequence[str]) -> Floats:
        """(n, dim) unit vectors."""
        rows = [self._model.encode([text], batch_size=1, show_progress_bar=False)[0] for text in texts]
        return unit(np.asarray(rows, np.float32).reshape(len(rows), self.dim))

    def word_vectors(self, words: Sequence[str]) -> Floats:
        """(n, dim) vectors of the words on their own; one batch, since all are of one listing."""
        return unit(np.asarray(self._model.encode(list(words), show_progress_bar=False), np.float32))


def unit(rows: NDArray[np.float32]) -> Floats:
    """Rows scaled to length 1; rows of zeros stay zeros."""
    length = np.sqrt(np.einsum("ij,ij->i", rows, rows, optimize=False))
    return (rows / np.where(length > 0, length, 1)[:, None]).astype(np.float32)


def _ragged_sum(rows: list[list[int]], table: QuantizedRows) -> Floats:
    """(n, dim) sum of the table's rows that each of ``rows`` names."""
    sums = np.zeros((len(rows), table.values.shape[1]), np.float32)
    for start in range(0, len(rows), CHUNK):
        part = rows[start : start + CHUNK]
        offsets = np.concatenate([[0], np.cumsum([len(row) for row in part])]).astype(np.int32)
        ids = np.fromiter((i for row in part for i in row), np.int32, offsets[-1])
        distinct, position = np.unique(ids, return_inverse=True)
        chosen = csr_array((table.scale[ids], position, offsets), shape=(len(part), len(distinct)))
        sums[start : start + len(part)] = chosen @ table.values[distinct].astype(np.float32)
    return sums
