"""The tag head once more, on vectors that stand: what the joint training leaves open between neighbouring clusters.

Joint training gives the vectors room for the clusters; but the head itself sees each cluster's few
hundred examples only as often as the lexicon allows. Learning it again on the finished vectors, each
text written in several ways, costs a minute.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
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

WAYS = 10
OTHERS = 40_000
EPOCHS, BATCH, RATE, DECAY = 30, 512, 2e-3, 1e-3


def refit_tags(
    model: ListingClassifier, examples: Sequence[Example], hidden: int, seed: int = 0
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Tables and vectors of a tag head learned on ``model``'s vectors.

    Every example of a cluster is written in ``WAYS`` ways; of the others ``OTHERS`` are drawn.
    """
    rng = np.random.default_rng(seed)
    torch.manual_seed(seed)
    chosen = _written(examples, model.normalizer, rng)
    taught = lessons(chosen, model.normalizer, [])
    vectors = torch.from_numpy(model.encoder.encode(taught.texts))
    tags = torch.from_numpy(taught.tags)
    head = TagHeadNetwork(vectors.shape[1], hidden, len(TAGS))
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
    tables = {"tag_first": head.first.weight, "tag_second": head.second.weight}
    biases = {"tag_first_bias": head.first.bias, "tag_second_bias": head.second.bias}
    return (
        {name: value.detach().numpy() for name, value in tables.items()},
        {name: value.detach().numpy() for name, value in biases.items()},
    )


def _written(examples: Sequence[Example], normalize: Normalizer, rng: np.random.Generator) -> list[Example]:
    noise = SellerNoise(load_noise(), share=0.6)
    clusters = [e for e in examples if e.code is None and any(name in e.tags for name in CLUSTERS)]
    others = [e for e in examples if e.tags and (e.code is not None or "imported" in e.tags)]
    drawn = [others[i] for i in rng.permutation(len(others))[:OTHERS]]
    written = [Example(noise(normalize(e.text), rng), e.code, e.tags) for e in drawn]
    for way in range(WAYS):
        written += [Example(noise(normalize(e.text), rng) if way else e.text, e.code, e.tags) for e in clusters]
    return written
