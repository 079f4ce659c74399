"""From lessons to a bundle."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from data.clusters import load_second_hand
from data.hs import EDITION
from data.origins import load_brands, load_phrases, load_priors
from models.bundle import BundleParts, load_bundle, save_bundle, stored_origin
from models.calibration import Calibration
from models.origin import DEFAULT_WEIGHTS, SIGNALS
from models.text import Normalizer
from models.words import WordParts, split_words, train_tokenizer
from training.calibration_store import load_calibration
from training.corpus import WordList
from training.distil import DEFAULT_TEACHER, teacher_vectors
from training.fit import UNKNOWN, FitConfig, Lessons, Networks, fit_networks
from training.knowledge import TAGS, Example, classes, knowledge_examples, known_words, lessons
from training.network import HsHead, TagHeadNetwork, TextNetwork
from training.synthesis import SellerNoise, load_noise
from training.tags import refit_tags
from training.vocabulary import common_words

DEFAULT_THRESHOLD = 0.5
PRIOR_UNKNOWN = 0.5


@dataclass(frozen=True)
class BuildConfig:
    """Shape of the model and of its training; the defaults make the bundle that ships."""

    dim: int = 256
    pieces: int = 28_000
    common: int = 9_000
    buckets: int = 24_576
    hidden: int = 512
    tag_hidden: int = 128
    teacher: str | None = DEFAULT_TEACHER
    noise: bool = True
    fit: FitConfig = field(default_factory=FitConfig)


def build_bundle(
    out: Path, config: BuildConfig | None = None, examples: Sequence[Example] | None = None,
    calibration: Calibration | None = None,
) -> str:  # fmt: skip
    """Train from ``examples`` (default: the knowledge base) and write the bundle; its version."""
    config = config or BuildConfig()
    examples = list(examples) if examples is not None else knowledge_examples()
    known = known_words(examples, Normalizer())
    normalize = Normalizer(known)
    codes = classes()
    taught = lessons(examples, normalize, codes)
    networks, words = start_networks(taught, config, len(codes))
    losses = fit_networks(networks, words, taught, config.fit, SellerNoise(load_noise()) if config.noise else None)
    card = {
        "name": "pabean",
        "hs_edition": EDITION,
        "trained_on": {"examples": len(examples), "digest": examples_digest(examples)},
        "config": asdict(config),
        "losses": [round(loss, 4) for loss in losses],
    }
    parts = bundle_parts(networks, words.parts, taught, codes, known, calibration or load_calibration(), card)
    save_bundle(parts, out)
    tables, vectors = refit_tags(load_bundle(out), examples, config.tag_hidden, config.fit.seed)
    parts = replace(parts, tables={**parts.tables, **tables}, vectors={**parts.vectors, **vectors})
    version = save_bundle(parts, out)
    return version


def start_networks(taught: Lessons, config: BuildConfig, codes: int) -> tuple[Networks, WordList]:
    """Untrained networks over a vocabulary learned from the lessons' texts."""
    torch.manual_seed(config.fit.seed)
    words = (word for text in taught.texts for word in split_words(text))
    tokenizer = train_tokenizer(words, config.pieces, common_words(config.common))
    vocabulary = tokenizer.get_vocab()
    teacher = None
    if config.teacher:
        teacher = torch.from_numpy(teacher_vectors(sorted(vocabulary, key=vocabulary.__getitem__), config.teacher))
    text = TextNetwork(len(vocabulary), config.buckets, config.dim, teacher)
    networks = Networks(
        text, HsHead(config.dim, config.hidden, codes), TagHeadNetwork(config.dim, config.tag_hidden, len(TAGS))
    )
    return networks, WordList(WordParts(tokenizer, config.buckets))


def bundle_parts(
    networks: Networks, parts: WordParts, taught: Lessons, codes: list[str], known: list[str],
    calibration: Calibration, card: dict[str, Any],
) -> BundleParts:  # fmt: skip
    """What trained networks have learned, ready to be written."""
    pieces = networks.text.piece_vectors().numpy()
    grams = (
        networks.text.grams.weight.detach().numpy()
        if networks.text.grams is not None
        else np.zeros((0, pieces.shape[1]), np.float32)
    )
    return BundleParts(
        encoder={"kind": "static", "buckets": parts.buckets},
        tokenizer=parts.tokenizer.to_str(),
        tables={"pieces": pieces, "grams": grams, **head_tables(networks.codes, networks.tags)},
        calibration=calibration,
        card=card,
        **shared_parts(networks, taught, codes, known),
    )


def shared_parts(networks: Networks, taught: Lessons, codes: list[str], known: list[str]) -> dict[str, Any]:
    """What a bundle holds whatever its encoder."""
    coded = np.flatnonzero(taught.codes != UNKNOWN)
    return {
        "vectors": head_vectors(networks.codes, networks.tags),
        "classes": codes,
        "lines": [taught.texts[i] for i in coded],
        "line_classes": taught.codes[coded],
        "known": known,
        "tags": dict.fromkeys(TAGS, DEFAULT_THRESHOLD),
        "origin": origin_table(codes),
        "second_hand": load_second_hand(),
    }


def head_tables(codes: HsHead, tags: TagHeadNetwork) -> dict[str, NDArray[np.float32]]:
    """Matrices of both heads, as the bundle names them."""
    centres = torch.nn.functional.normalize(codes.centres, dim=1)
    return {
        name: value.detach().numpy()
        for name, value in (
            ("centres", centres),
            ("first", codes.first.weight),
            ("second", codes.second.weight),
            ("tag_first", tags.first.weight),
            ("tag_second", tags.second.weight),
        )
    }


def head_vectors(codes: HsHead, tags: TagHeadNetwork) -> dict[str, NDArray[np.float32]]:
    """Biases of both heads, as the bundle names them."""
    return {
        name: value.detach().numpy()
        for name, value in (
            ("first_bias", codes.first.bias),
            ("second_bias", codes.second.bias),
            ("tag_first_bias", tags.first.bias),
            ("tag_second_bias", tags.second.bias),
        )
    }


def origin_table(codes: list[str]) -> dict[str, Any]:
    """Brands, phrases, and each code's log-odds of being imported."""
    priors = load_priors()
    odds = [priors.get(code[:4], PRIOR_UNKNOWN) for code in codes]
    return stored_origin(
        load_brands(), load_phrases(), [round(float(np.log(p / (1 - p))), 4) for p in odds],
        [DEFAULT_WEIGHTS[name] for name in SIGNALS], None,
    )  # fmt: skip


def examples_digest(examples: Sequence[Example]) -> str:
    """Content digest of what was learned from."""
    digest = hashlib.sha256()
    for example in examples:
        digest.update(f"{example.text}\t{example.code}\t{sorted(example.tags.items())}\n".encode())
    return digest.hexdigest()
