"""Learning from a platform's own labels, on top of a bundle and without forgetting the knowledge base."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from data.labels import LabelledListing
from models.bundle import BundleParts, load_bundle, save_bundle
from models.calibration import Calibration
from models.classifier import ListingClassifier
from models.encoder import StaticEncoder
from models.words import WordParts, extend_tokenizer, split_words
from training.build import bundle_parts, examples_digest
from training.calibrate import find_calibration
from training.corpus import WordList
from training.fit import FitConfig, Networks, fit_networks
from training.knowledge import TAGS, knowledge_examples, lessons
from training.labels import as_example
from training.network import HsHead, TagHeadNetwork, TextNetwork
from training.origin import fit_origin
from training.synthesis import SellerNoise, load_noise

HELD_OUT = 0.05
LEAST_HELD_OUT = 40
NEW_WORD_COUNT = 2
NEW_WORDS = 20_000
SHOWN_PER_EPOCH = 45_000
LABEL_OFTEN = 1.0
ONE = 0.5413
"""softplus(ONE) = 1: pieces taken from a bundle start with their own length."""


@dataclasses.dataclass(frozen=True)
class RetrainConfig:
    """How much to learn from labels beside the knowledge base."""

    fit: FitConfig = dataclasses.field(default_factory=lambda: FitConfig(epochs=6, table_rate=1e-2, rate=2e-3))
    knowledge_share: float | None = None


def retrain_bundle(
    out: Path, labelled: Sequence[LabelledListing], base: Path, config: RetrainConfig | None = None
) -> str:
    """Train from ``base`` on ``labelled`` and the knowledge base; write the bundle; its version.

    A twentieth of the labels is held out of the training, to set the calibration scalars anew; its rows join
    the neighbours afterwards.
    """
    config = config or RetrainConfig()
    model = load_bundle(base)
    if not isinstance(model.encoder, StaticEncoder):
        raise ValueError("only bundles with the static encoder can be retrained; use --encoder for the other kind")
    rng = np.random.default_rng(config.fit.seed)
    kept, held_out = _split(labelled, rng)
    known = knowledge_examples()
    share = config.knowledge_share or min(1.0, max(0.15, (SHOWN_PER_EPOCH - len(kept)) / max(len(known), 1)))
    own = [as_example(item, model, LABEL_OFTEN) for item in kept]
    examples = own + [dataclasses.replace(e, often=e.often * share) for e in known]
    codes = sorted({*(str(c) for c in model.hs_head.classes), *(e.code for e in own if e.code)})
    taught = lessons(examples, model.normalizer, codes)
    networks, words = _networks(model, codes, taught.texts[: len(own)])
    losses = fit_networks(networks, words, taught, config.fit, SellerNoise(load_noise(), share=0.2))
    card = {
        **model.card,
        "parent": model.version,
        "trained_on": {"examples": len(examples), "labelled": len(kept), "digest": examples_digest(examples)},
        "losses": [round(loss, 4) for loss in losses],
    }
    known_words = sorted(model.normalizer.words)
    parts = bundle_parts(networks, words.parts, taught, codes, known_words, model.calibration, card)
    save_bundle(parts, out)
    return _finish(out, parts, kept, held_out)


def _finish(out: Path, parts: BundleParts, kept: Sequence[LabelledListing], held_out: Sequence[LabelledListing]) -> str:
    """Set calibration and origin weights with the trained model, where there are labels to do so; then let the
    held-out listings join the neighbours."""
    model = load_bundle(out)
    changed = parts
    if sum(1 for item in held_out if item.hs) >= LEAST_HELD_OUT:
        calibration: Calibration = find_calibration(model, [held_out], f"{len(held_out)} held-out labelled listings")
        changed = dataclasses.replace(changed, calibration=calibration)
    fitted = fit_origin(model, [*kept, *held_out])
    if fitted:
        origin = {**changed.origin, "weights": fitted.weights, "text_weights": fitted.text_weights}
        changed = dataclasses.replace(changed, origin=origin)
    index = {code: i for i, code in enumerate(changed.classes)}
    late = [(model.normalizer(i.listing.title), index[i.hs[:6]]) for i in held_out if i.hs and i.hs[:6] in index]
    changed = dataclasses.replace(
        changed,
        lines=[*changed.lines, *(text for text, _ in late)],
        line_classes=np.concatenate([changed.line_classes, np.array([at for _, at in late], np.int64)]),
    )
    return save_bundle(changed, out)


def _split(
    labelled: Sequence[LabelledListing], rng: np.random.Generator
) -> tuple[list[LabelledListing], list[LabelledListing]]:
    order = rng.permutation(len(labelled))
    size = int(len(labelled) * HELD_OUT)
    return [labelled[i] for i in order[size:]], [labelled[i] for i in order[:size]]


def _networks(model: ListingClassifier, codes: list[str], texts: Sequence[str]) -> tuple[Networks, WordList]:
    """Networks that start where the bundle stopped, their vocabulary grown by the labels' frequent words."""
    encoder = model.encoder
    assert isinstance(encoder, StaticEncoder)
    counts = Counter(word for text in texts for word in set(split_words(text)))
    frequent = [word for word, count in counts.most_common(NEW_WORDS) if count >= NEW_WORD_COUNT]
    old = encoder.parts.tokenizer
    tokenizer = extend_tokenizer(old, frequent)
    parts = WordParts(tokenizer, encoder.parts.buckets)
    pieces = torch.zeros(tokenizer.get_vocab_size(), encoder.dim)
    pieces[: len(encoder.pieces)] = torch.from_numpy(encoder.pieces.floats())
    new = {word: i for word, i in tokenizer.get_vocab().items() if i >= len(encoder.pieces)}
    for word, i in new.items():  # a new piece starts as the sum of the old ones it replaces
        ids = old.encode(word).ids
        pieces[i] = torch.from_numpy(encoder.pieces.take(np.array(ids, np.intp)).floats().sum(axis=0)) if ids else 0
    text = TextNetwork(len(pieces), parts.buckets, encoder.dim, None)
    text.own.weight.data = pieces
    text.weight.data.fill_(ONE)
    if text.grams is not None:
        text.grams.weight.data = torch.from_numpy(encoder.grams.floats())
    return Networks(text, _hs_head(model, codes), _tag_head(model)), WordList(parts)


def _hs_head(model: ListingClassifier, codes: list[str]) -> HsHead:
    old = model.hs_head
    head = HsHead(old.centres.values.shape[1], len(old.first), len(codes))
    index = {str(code): i for i, code in enumerate(old.classes)}
    for i, code in enumerate(codes):
        if code in index:
            head.centres.data[i] = torch.from_numpy(old.centres.floats()[index[code]])
            head.second.weight.data[i] = torch.from_numpy(old.second.floats()[index[code]])
            head.second.bias.data[i] = float(old.second_bias[index[code]])
        else:
            head.second.bias.data[i] = float(old.second_bias.min())
    head.first.weight.data = torch.from_numpy(old.first.floats())
    head.first.bias.data = torch.from_numpy(old.first_bias.copy())
    return head


def _tag_head(model: ListingClassifier) -> TagHeadNetwork:
    old = model.tags
    head = TagHeadNetwork(old.first.values.shape[1], len(old.first), len(TAGS))
    head.first.weight.data = torch.from_numpy(old.first.floats())
    head.first.bias.data = torch.from_numpy(old.first_bias.copy())
    head.second.weight.data = torch.from_numpy(old.second.floats())
    head.second.bias.data = torch.from_numpy(old.second_bias.copy())
    return head
