"""The tag head once more, on vectors that stand: what the joint training leaves open between neighbouring clusters.

Joint training gives the vectors room for the clusters; but the head itself sees each cluster's few
hundred examples only as often as the lexicon allows. Learning it again on the finished vectors, each
text written in several ways, costs a minute.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F
from tqdm import tqdm

from data.clusters import CLUSTERS
from models.classifier import ListingClassifier
from models.exact import Floats
from models.text import Normalizer
from training.fit import UNKNOWN
from training.knowledge import TAGS, Example, lessons
from training.network import TagHeadNetwork
from training.synthesis import SellerNoise, load_noise

WAYS, MEMBERS = 10, 3
EPOCHS, BATCH, RATE, DECAY = 8, 512, 2e-3, 1e-3


def refit_tags(
    model: ListingClassifier, examples: Sequence[Example], hidden: int, seed: int = 0
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Tables and vectors of a tag head learned on ``model``'s vectors.

    Every example of a cluster is written in ``WAYS`` ways, every other that has tags in one. ``MEMBERS``
    heads, which differ in their start and their order of texts, are averaged: side by side they are one
    head with a wider hidden layer.
    """
    rng = np.random.default_rng(seed)
    taught = lessons(_written(examples, model.normalizer, rng), model.normalizer, [])
    vectors, tags = torch.from_numpy(model.encoder.encode(taught.texts)), torch.from_numpy(taught.tags)
    heads = []
    for member in range(MEMBERS):
        torch.manual_seed(seed + member)
        heads.append(_fit(TagHeadNetwork(vectors.shape[1], hidden, len(TAGS)), vectors, tags, rng))
    tables = {
        "tag_first": torch.cat([head.first.weight for head in heads]),
        "tag_second": torch.cat([head.second.weight for head in heads], dim=1) / MEMBERS,
    }
    biases = {
        "tag_first_bias": torch.cat([head.first.bias for head in heads]),
        "tag_second_bias": torch.stack([head.second.bias for head in heads]).mean(dim=0),
    }
    return (
        {name: value.detach().numpy() for name, value in tables.items()},
        {name: value.detach().numpy() for name, value in biases.items()},
    )


def _fit(head: TagHeadNetwork, vectors: Tensor, tags: Tensor, rng: np.random.Generator) -> TagHeadNetwork:
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=DECAY)
    steps = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS)
    for _ in tqdm(range(EPOCHS), desc="tags", unit="epoch", disable=None):
        for rows in torch.from_numpy(rng.permutation(len(vectors))).split(BATCH):
            known = (tags[rows] != UNKNOWN).float()
            each = F.binary_cross_entropy_with_logits(head(vectors[rows]), tags[rows].clamp(min=0), reduction="none")
            loss = (each * known).sum() / len(rows)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        steps.step()
    return head


def _written(examples: Sequence[Example], normalize: Normalizer, rng: np.random.Generator) -> list[Example]:
    noise = SellerNoise(load_noise(), share=0.6)
    clusters = [e for e in examples if e.code is None and any(name in e.tags for name in CLUSTERS)]
    others = [e for e in examples if e.tags and (e.code is not None or "imported" in e.tags)]
    written = [Example(noise(normalize(e.text), rng), e.code, e.tags) for e in others]
    for way in range(WAYS):
        written += [Example(noise(normalize(e.text), rng) if way else e.text, e.code, e.tags) for e in clusters]
    return written
