"""``training ablate``: what each part of the model adds, measured in one run.

Parts of the shipped bundle are switched off one at a time (views of the HS head, fields of the
listing); parts of the training (n-grams, teacher, noise) by training again, on a share of the
lexicon so that the whole table takes minutes.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from data.labels import LabelledListing
from models.bundle import load_bundle
from models.classifier import ListingClassifier
from training.build import BuildConfig, build_bundle
from training.evaluate import predict
from training.fit import FitConfig
from training.knowledge import knowledge_examples
from training.metrics import hs_hits

VIEWS = {
    "centres alone": (1.0, 0.0, 0.0),
    "hidden layer alone": (0.0, 1.0, 0.0),
    "nearest lines alone": (0.0, 0.0, 1.0),
    "without centres": (0.0, 0.4, 1.0),
    "without hidden layer": (0.25, 0.0, 1.0),
    "without nearest lines": (0.25, 0.4, 0.0),
}
FIELDS = {
    "title alone": {"title": 1.0},
    "title and category": {"title": 1.0, "category": 0.3},
    "description as heavy as the title": {"title": 1.0, "category": 0.3, "description": 1.0},
}
TRAININGS = {
    "all parts": {},
    "without n-grams": {"buckets": 0},
    "without teacher": {"teacher": None},
    "without seller noise": {"noise": False},
}


@dataclass(frozen=True)
class Row:
    """One variant on one set of listings: shares of right headings (first, first five) and subheadings."""

    variant: str
    listings: str
    hs4: float
    hs4_top5: float
    hs6: float


def ablate(bundle: Path, groups: dict[str, Sequence[LabelledListing]], share: float, epochs: int) -> Iterator[Row]:
    """Rows as they are measured; ``share`` of the lexicon and ``epochs`` for the variants trained anew."""
    model = load_bundle(bundle)
    yield from _measure("as shipped", model, groups)
    for name, shares in VIEWS.items():
        yield from _measure(
            name, dataclasses.replace(model, hs_head=dataclasses.replace(model.hs_head, shares=shares)), groups
        )
    for name, weights in FIELDS.items():
        yield from _measure(name, dataclasses.replace(model, field_weights=weights), groups)
    if share <= 0:
        return
    examples = knowledge_examples()
    kept = np.random.default_rng(0).random(len(examples)) < share
    examples = [example for example, keep in zip(examples, kept, strict=True) if keep]
    for name, change in TRAININGS.items():
        config = dataclasses.replace(BuildConfig(fit=FitConfig(epochs=epochs)), **change)  # type: ignore[arg-type]
        with tempfile.TemporaryDirectory() as folder:
            build_bundle(Path(folder) / "bundle", config, examples)
            yield from _measure(f"{share:.0%} of the lexicon, {name}", load_bundle(Path(folder) / "bundle"), groups)


def _measure(name: str, model: ListingClassifier, groups: dict[str, Sequence[LabelledListing]]) -> Iterator[Row]:
    for kind, labelled in groups.items():
        hits = hs_hits(predict(model, labelled)[0], labelled)
        yield Row(name, kind, float(hits.top1[4].mean()), float(hits.top5[4].mean()), float(hits.top1[6].mean()))
