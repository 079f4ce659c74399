"""One loop that trains encoder, HS head and tag head on texts."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from training.corpus import Rewrite, WordList
from training.network import HsHead, TagHeadNetwork, TextNetwork, WordBatch

WARM_UP = 50
UNKNOWN = -1
TABLES = frozenset({"own.weight", "grams.weight"})


@dataclass(frozen=True)
class FitConfig:
    """How long and how fast: learning rates for tables (sparse) and for the rest (dense)."""

    epochs: int = 5
    batch: int = 1024
    table_rate: float = 1e-2
    rate: float = 3e-3
    drop: float = 0.1
    smoothing: float = 0.05
    dense_share: float = 1.0
    tag_share: float = 2.0
    seed: int = 0


@dataclass(frozen=True)
class Lessons:
    """What to learn from.

    Attributes
    ----------
    texts : n normalised texts.
    codes : (n,) class index, ``UNKNOWN`` where a text has no code.
    tags : (n, tags) probability that the answer is yes, or ``UNKNOWN``.
    often : (n,) how often a text is shown per epoch on average; 0.5 means every other epoch.
    """

    texts: list[str]
    codes: NDArray[np.int64]
    tags: NDArray[np.float32]
    often: NDArray[np.float64]


@dataclass(frozen=True)
class Networks:
    """The three networks trained together."""

    text: TextNetwork
    codes: HsHead
    tags: TagHeadNetwork


def fit_networks(
    networks: Networks, words: WordList, lessons: Lessons, config: FitConfig, rewrite: Rewrite | None = None
) -> list[float]:
    """Train in place; the mean loss of each epoch. ``rewrite`` is applied to every text anew in each epoch."""
    rng = np.random.default_rng(config.seed)
    torch.manual_seed(config.seed)
    optimizers = _optimizers(networks, config)
    per_epoch = -(-int(lessons.often.sum()) // config.batch)
    total, step, losses = config.epochs * per_epoch, 0, []
    _set_mode(networks, training=True)
    with tqdm(total=total, desc="training", unit="batch", disable=None) as bar:
        for _ in range(config.epochs):
            rows = _draw(lessons.often, rng)
            shown = [rewrite(lessons.texts[i], rng) for i in rows] if rewrite else [lessons.texts[i] for i in rows]
            bags = words.read(shown)
            pieces, grams = words.bags()
            sums = []
            for start in range(0, len(rows), config.batch):
                part = np.arange(start, min(start + config.batch, len(rows)))
                _set_pace(optimizers, config, min(1.0, (step + 1) / WARM_UP) * max(0.01, 1 - step / max(total, 1)))
                vectors = networks.text(WordBatch.of(bags.take(part), pieces, grams), config.drop)
                loss = lessons_loss(networks, vectors, lessons, rows[part], config)
                loss.backward()
                for optimizer in optimizers:
                    optimizer.step()
                    optimizer.zero_grad()
                sums.append(loss.item())
                step += 1
                bar.update()
            losses.append(float(np.mean(sums)))
            bar.set_postfix(loss=f"{losses[-1]:.3f}")
    _set_mode(networks, training=False)
    return losses


def _draw(often: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.int64]:
    """Rows of one epoch, shuffled: each ``often`` times, its fraction by chance."""
    times = np.floor(often + rng.random(len(often))).astype(np.int64)
    return rng.permutation(np.repeat(np.arange(len(often)), times))


def lessons_loss(
    networks: Networks, vectors: Tensor, lessons: Lessons, rows: NDArray[np.int64], config: FitConfig
) -> Tensor:
    """Loss of the lessons in ``rows``, given their vectors (n, dim): cross-entropy of codes plus binary one of tags."""
    codes = torch.from_numpy(lessons.codes[rows])
    loss = torch.zeros(())
    if (codes != UNKNOWN).any():
        options = {"label_smoothing": config.smoothing, "ignore_index": UNKNOWN}
        loss = loss + F.cross_entropy(networks.codes.cosine(vectors), codes, **options)  # type: ignore[arg-type]
        if config.dense_share:
            loss = loss + config.dense_share * F.cross_entropy(networks.codes.dense(vectors), codes, **options)  # type: ignore[arg-type]
    tags = torch.from_numpy(lessons.tags[rows])
    known = (tags != UNKNOWN).float()
    if known.any():
        each = F.binary_cross_entropy_with_logits(networks.tags(vectors), tags.clamp(min=0), reduction="none")
        # per text, not per answer: a rare yes must not drown among thirteen noes
        loss = loss + config.tag_share * (each * known).sum() / len(rows)
    return loss


def _optimizers(networks: Networks, config: FitConfig) -> tuple[torch.optim.Optimizer, torch.optim.Optimizer]:
    named = list(networks.text.named_parameters())
    tables = [p for n, p in named if n in TABLES]
    rest = [p for n, p in named if n not in TABLES and p.requires_grad]
    rest += [*networks.codes.parameters(), *networks.tags.parameters()]
    return (
        torch.optim.SparseAdam(tables, lr=config.table_rate),
        torch.optim.AdamW(rest, lr=config.rate, weight_decay=0.0, fused=True),
    )


def _set_pace(optimizers: tuple[torch.optim.Optimizer, ...], config: FitConfig, pace: float) -> None:
    for optimizer, rate in zip(optimizers, (config.table_rate, config.rate), strict=True):
        for group in optimizer.param_groups:
            group["lr"] = rate * pace


def _set_mode(networks: Networks, training: bool) -> None:
    for network in (networks.text, networks.codes, networks.tags):
        network.train(training)
