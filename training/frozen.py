"""Heads over any sentence-transformers model, whose own weights stay as they are."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from tqdm import tqdm

from models.bundle import BundleParts, save_bundle
from models.calibration import Calibration
from models.encoder import SentenceEncoder, unit
from models.text import Normalizer
from training.build import examples_digest, head_tables, shared_parts
from training.fit import UNKNOWN, FitConfig, Networks, lessons_loss
from training.knowledge import TAGS, Example, classes, known_words, lessons
from training.network import HsHead, TagHeadNetwork, TextNetwork

CHUNK = 512


def build_frozen(
    out: Path, encoder: str, examples: Sequence[Example], hidden: int = 512, tag_hidden: int = 96,
    config: FitConfig | None = None,
) -> str:  # fmt: skip
    """Embed ``examples`` with the model called ``encoder``, train both heads on the vectors, write the bundle.

    Calibration stays neutral: the scalars that ship were found for the static encoder.
    """
    config = config or FitConfig()
    codes, known = classes(), known_words(examples, Normalizer())
    codes = sorted({*codes, *(e.code for e in examples if e.code)})
    taught = lessons(examples, Normalizer(known), codes)
    vectors = _embed(SentenceEncoder(encoder), taught.texts)
    torch.manual_seed(config.seed)
    networks = Networks(
        TextNetwork(1, 0, vectors.shape[1], None),
        HsHead(vectors.shape[1], hidden, len(codes)),
        TagHeadNetwork(vectors.shape[1], tag_hidden, len(TAGS)),
    )
    rng = np.random.default_rng(config.seed)
    optimizer = torch.optim.AdamW([*networks.codes.parameters(), *networks.tags.parameters()], lr=config.rate)
    for _ in tqdm(range(config.epochs), desc="training", unit="epoch", disable=None):
        order = rng.permutation(len(vectors))
        for start in range(0, len(order), config.batch):
            rows = order[start : start + config.batch]
            loss = lessons_loss(networks, torch.from_numpy(vectors[rows]), taught, rows, config)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    networks.codes.eval()
    parts = BundleParts(
        encoder={"kind": "sentence", "name": encoder},
        tokenizer="",
        tables={"lines": vectors[taught.codes != UNKNOWN], **head_tables(networks.codes, networks.tags)},
        calibration=Calibration(source="neutral: set on none"),
        card={
            "name": "pabean",
            "encoder": encoder,
            "trained_on": {"examples": len(examples), "digest": examples_digest(examples)},
        },
        **shared_parts(networks, taught, codes, known),
    )
    return save_bundle(parts, out)


def _embed(encoder: SentenceEncoder, texts: Sequence[str]) -> np.ndarray:
    """(n, dim) unit vectors; in batches here, since training can bear the last bits' noise and wants the speed."""
    model = encoder._model
    rows = [
        model.encode(list(texts[start : start + CHUNK]), batch_size=64, show_progress_bar=False)
        for start in tqdm(range(0, len(texts), CHUNK), desc="embedding", unit="chunk", disable=None)
    ]
    return F.normalize(torch.from_numpy(unit(np.concatenate(rows).astype(np.float32))), dim=1).numpy()
