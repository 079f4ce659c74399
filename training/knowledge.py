"""The project's own knowledge base as lessons."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from data.clusters import CLUSTERS, load_clusters, load_keywords, load_ordinary
from data.hs import load_nomenclature
from data.lexicon import load_lexicon, load_vague
from data.origins import load_articles
from models.answer import VAGUE
from models.words import split_words
from training.fit import UNKNOWN, Lessons

TAGS: tuple[str, ...] = (*CLUSTERS, "english", "imported")
CLUSTER_OFTEN, VAGUE_OFTEN, ARTICLE_OFTEN = 3.0, 2.0, 2.0
MIN_KNOWN_COUNT = 2


@dataclass(frozen=True)
class Example:
    """A text with what is known of it; ``None`` where a thing is not known.

    ``tags`` maps a tag to how likely the answer is yes; tags it does not name are unknown.
    """

    text: str
    code: str | None
    tags: dict[str, float]
    often: float = 1.0


def knowledge_examples() -> list[Example]:
    """Every line of the knowledge base: HS titles, lexicon, vague texts, clusters."""
    keywords = load_keywords()
    nothing = dict.fromkeys(CLUSTERS, 0.0)
    examples = [Example(load_nomenclature().english[code], code, {}) for code in load_nomenclature().subheadings]
    for line in load_lexicon():
        # a line with a cluster's word may belong to that cluster or not: the lexicon does not say
        tags: dict[str, float] = {} if keywords & set(split_words(line.text.lower())) else dict(nothing)
        if line.lang in {"en", "id"}:
            tags["english"] = float(line.lang == "en")
        examples.append(Example(line.text, line.hs6, tags))
    examples += [Example(text, None, {"imported": share}, ARTICLE_OFTEN) for text, share in load_articles()]
    examples += [Example(vague.text, VAGUE, dict(nothing), VAGUE_OFTEN) for vague in load_vague()]
    return examples + cluster_examples()


def cluster_examples() -> list[Example]:
    """Positives and hard negatives of the clusters, and ordinary fashion; a text that stands in several files once."""
    known: dict[str, dict[str, float]] = {}
    for example in load_clusters():
        known.setdefault(example.text, {})[example.cluster] = float(example.positive)
    examples = []
    for text, tags in known.items():
        # who belongs to one cluster belongs to no other unless that file says so; a hard negative of one may
        # well belong to another
        full = {**dict.fromkeys(CLUSTERS, 0.0), **tags} if any(tags.values()) else tags
        examples.append(Example(text, None, full, CLUSTER_OFTEN))
    nothing = dict.fromkeys(CLUSTERS, 0.0)
    return examples + [Example(text, None, dict(nothing), CLUSTER_OFTEN) for text in load_ordinary()]


def classes() -> list[str]:
    """All classes of the HS head: every HS subheading, and the class of vague texts."""
    return sorted([*load_nomenclature().subheadings, VAGUE])


def lessons(examples: Iterable[Example], normalize: Callable[[str], str], codes: list[str]) -> Lessons:
    """Examples as arrays; a code that is not among ``codes`` counts as unknown."""
    examples = list(examples)
    index = {code: i for i, code in enumerate(codes)}
    tags = np.full((len(examples), len(TAGS)), UNKNOWN, np.float32)
    for row, example in zip(tags, examples, strict=True):
        for name, value in example.tags.items():
            row[TAGS.index(name)] = value
    return Lessons(
        [normalize(example.text) for example in examples],
        np.array([index.get(example.code or "", UNKNOWN) for example in examples], np.int64),
        tags,
        np.array([example.often for example in examples], np.float64),
    )


def known_words(examples: Iterable[Example], normalize: Callable[[str], str]) -> list[str]:
    """Words that a disguise may be undone to: letters only, met twice or more, or once in a cluster."""
    counts: Counter[str] = Counter()
    for example in examples:
        weight = MIN_KNOWN_COUNT if any(example.tags.get(name) for name in CLUSTERS) else 1
        for word in set(split_words(normalize(example.text))):
            if word.isalpha() and word.isascii():
                counts[word] += weight
    return sorted(word for word, count in counts.items() if count >= MIN_KNOWN_COUNT and len(word) > 3)
