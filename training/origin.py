"""Origin from labels: a logistic regression over the same signals, plus what the text itself says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from sklearn.linear_model import LogisticRegression

from data.countries import HOME
from data.labels import LabelledListing
from models.classifier import ListingClassifier
from models.fields import brevity, normalized_texts

LEAST = 40
STRENGTH = 0.5
TEXT_GAIN = 3.0


@dataclass(frozen=True)
class OriginFit:
    """Weights of the signals and of the text's vector."""

    weights: list[float]
    text_weights: list[float]


def fit_origin(model: ListingClassifier, labelled: Sequence[LabelledListing]) -> OriginFit | None:
    """Learn how much each signal says; ``None`` where there are too few labels, or only one side.

    What the seller declared is left out: the model must say what the text says, so that a false
    declaration can be noticed.
    """
    items = [item for item in labelled if item.origin]
    abroad = np.array([item.origin != HOME for item in items])
    if len(items) < LEAST or abroad.all() or not abroad.any():
        return None
    texts = [normalized_texts(item.listing, model.normalizer) for item in items]
    vectors = model.embed(texts)
    opened = model.hs_head.score(vectors)
    shares = model.calibration.probabilities(opened.logits, opened.closest, brevity(texts))
    priors = model.origin.prior_of(opened.codes, shares)
    tags = model.tags.score(vectors)
    article, english = (tags[:, model.tags.names.index(name)] for name in ("imported", "english"))
    rows = [
        model.origin.signals(_undeclared(item), text, float(prior), float(usual), float(lean)).values
        for item, text, prior, usual, lean in zip(items, texts, priors, article, english, strict=True)
    ]
    start = np.asarray(rows) @ model.origin.weights
    # learned on top of the judged weights, so that few labels correct them and do not replace them
    table = np.hstack([np.asarray(rows)[:, :-1], TEXT_GAIN * vectors, start[:, None]])
    fitted = LogisticRegression(C=STRENGTH, max_iter=1000).fit(table, abroad)
    coefficients, signals = fitted.coef_[0], len(model.origin.weights)
    weights = coefficients[-1] * model.origin.weights + np.append(coefficients[: signals - 1], fitted.intercept_[0])
    return OriginFit(weights.tolist(), (TEXT_GAIN * coefficients[signals - 1 : -1]).tolist())


def _undeclared(item: LabelledListing):  # type: ignore[no-untyped-def]
    return item.listing.model_copy(update={"declared_origin": None})
