"""The network that learns the static encoder and the HS head together (PyTorch).

Why not sentence-transformers' own trainer: its StaticEmbedding knows whole pieces only, and the
n-grams beside them brought two to four points on the seed lexicon; and learning encoder and
head in one pass with sparse gradients is what keeps a full training under ten minutes on two cores.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from training.corpus import Bags

COSINE_SCALE = 16.0


@dataclass(frozen=True)
class WordBatch:
    """A batch of texts: its distinct words with their parts, and which text has which word.

    Attributes
    ----------
    pieces, grams : bags of part ids, one row a distinct word.
    words : position of each text's words among the distinct words, flat.
    texts : index of the text each of ``words`` belongs to.
    size : number of texts.
    """

    pieces: Bags
    grams: Bags
    words: Tensor
    texts: Tensor
    size: int

    @classmethod
    def of(cls, texts: Bags, pieces: Bags, grams: Bags) -> WordBatch:
        """Batch of ``texts`` (bags of word ids), given the parts of every word."""
        distinct, position = np.unique(texts.ids, return_inverse=True)
        owner = np.repeat(np.arange(len(texts)), np.diff(texts.offsets))
        return cls(
            pieces.take(distinct), grams.take(distinct), torch.from_numpy(position), torch.from_numpy(owner), len(texts)
        )


def _bag_sum(table: nn.Embedding, bags: Bags, weights: Tensor) -> Tensor:
    """(rows, dim) weighted sums of the table's rows; each is fetched once, to keep its sparse gradient small."""
    distinct, position = np.unique(bags.ids, return_inverse=True)
    rows = table(torch.from_numpy(distinct))
    return F.embedding_bag(
        torch.from_numpy(position), rows, torch.from_numpy(bags.offsets[:-1]), mode="sum", per_sample_weights=weights
    )


class TextNetwork(nn.Module):
    """Text to a unit vector: the sum over its words of their pieces and the mean of their n-grams.

    Parameters
    ----------
    vocabulary : number of pieces.
    buckets : number of n-gram buckets, 0 for none.
    dim : size of the vector.
    teacher : (vocabulary, t) vectors of the pieces from a sentence encoder, or None. A learned
        projection brings them in, so that a piece that no training text holds moves along with the rest.
    """

    def __init__(self, vocabulary: int, buckets: int, dim: int, teacher: Tensor | None) -> None:
        super().__init__()
        self.own = nn.Embedding(vocabulary, dim, sparse=True)
        nn.init.normal_(self.own.weight, std=0.02 if teacher is not None else 0.05)
        self.weight = nn.Parameter(torch.zeros(vocabulary))
        self.teacher = teacher
        if teacher is not None:
            self.project = nn.Linear(teacher.shape[1], dim, bias=False)
        self.grams = nn.Embedding(buckets, dim, sparse=True) if buckets else None
        if self.grams is not None:
            nn.init.normal_(self.grams.weight, std=0.02)

    def word_vectors(self, batch: WordBatch, keep_pieces: Tensor | None = None) -> Tensor:
        """(distinct words, dim); ``keep_pieces`` (0 or 1 a word) hides pieces, so that n-grams learn to do without."""
        weights = F.softplus(self.weight[torch.from_numpy(batch.pieces.ids)])
        vectors = _bag_sum(self.own, batch.pieces, weights)
        if self.teacher is not None:
            frozen = F.embedding_bag(
                torch.from_numpy(batch.pieces.ids), self.teacher, torch.from_numpy(batch.pieces.offsets[:-1]),
                mode="sum", per_sample_weights=weights,
            )  # fmt: skip
            vectors = vectors + self.project(frozen)
        if keep_pieces is not None:
            vectors = vectors * keep_pieces[:, None]
        if self.grams is not None:
            sizes = np.maximum(np.diff(batch.grams.offsets), 1)
            share = torch.from_numpy(np.repeat(1 / sizes, np.diff(batch.grams.offsets)).astype(np.float32))
            vectors = vectors + _bag_sum(self.grams, batch.grams, share)
        return vectors

    def forward(self, batch: WordBatch, drop: float = 0.0) -> Tensor:
        """(texts, dim) unit vectors; ``drop`` is the share of words (and of pieces) hidden while training."""
        keep = None
        if drop and self.grams is not None:
            keep = (torch.rand(len(batch.pieces)) >= drop).float()
        words = self.word_vectors(batch, keep)[batch.words]
        if drop:
            words = words * (torch.rand(len(batch.words), 1) >= drop)
        total = torch.zeros(batch.size, words.shape[1]).index_add_(0, batch.texts, words)
        return F.normalize(total, dim=1)

    @torch.no_grad()
    def piece_vectors(self) -> Tensor:
        """(vocabulary, dim) what each piece adds to a word, weights and teacher folded in."""
        vectors = self.own.weight
        if self.teacher is not None:
            vectors = vectors + self.project(self.teacher)
        return F.softplus(self.weight)[:, None] * vectors


class HsHead(nn.Module):
    """Two views of the codes over one vector: a centre for each (cosine) and a hidden layer (dense)."""

    def __init__(self, dim: int, hidden: int, classes: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.centres = nn.Parameter(torch.randn(classes, dim) * 0.05)
        self.first = nn.Linear(dim, hidden)
        self.second = nn.Linear(hidden, classes)
        self.dropout = dropout

    def cosine(self, vectors: Tensor) -> Tensor:
        """(n, classes) scaled cosines to the centres."""
        return COSINE_SCALE * vectors @ F.normalize(self.centres, dim=1).T

    def dense(self, vectors: Tensor) -> Tensor:
        """(n, classes) logits of the hidden layer."""
        return self.second(F.dropout(F.relu(self.first(8 * vectors)), self.dropout, self.training))


class TagHeadNetwork(nn.Module):
    """Yes-or-no questions over the same vector: clusters, and whether the title is English."""

    def __init__(self, dim: int, hidden: int, tags: int) -> None:
        super().__init__()
        self.first = nn.Linear(dim, hidden)
        self.second = nn.Linear(hidden, tags)

    def forward(self, vectors: Tensor) -> Tensor:
        """(n, tags) logits."""
        return self.second(F.relu(self.first(8 * vectors)))
