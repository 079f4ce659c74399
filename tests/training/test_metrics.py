"""Measures, each against a case worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from data.labels import LabelledListing
from data.listing import Listing
from models.calibration import Calibration, conformal_mass
from training.metrics import calibration_error, cluster_metrics, hs_hits, hs_metrics, origin_metrics


def result(code: str, imported: float = 0.5, clusters: tuple[str, ...] = ()) -> dict[str, Any]:
    scored = [{"code": code, "score": 0.8}]
    return {
        "hs": {
            "code": code, "candidates": scored, "headings": [{"code": code[:4], "score": 0.9}],
            "chapters": [{"code": code[:2], "score": 0.9}], "set": [code],
        },
        "clusters": [{"name": name, "score": 0.9} for name in clusters],
        "origin": {"imported": imported, "countries": [{"code": "CN", "score": imported}]},
    }  # fmt: skip


def labelled(hs: str | None = None, also: tuple[str, ...] = (), **more: Any) -> LabelledListing:
    return LabelledListing(Listing(id="1", title="x"), hs, also, **more)


def test_defensible_codes_count_as_right() -> None:
    hits = hs_hits([result("420232"), result("392690")], [labelled("392690", ("4202",)), labelled("610910")])
    assert hits.top1[4].tolist() == [1.0, 0.0]
    assert hits.strict1[4].tolist() == [0.0, 0.0]
    assert hits.covered.tolist() == [1.0, 0.0]
    assert hs_metrics(hits)["hs4"]["top1"] == 0.5


def test_calibration_error_of_an_overconfident_model() -> None:
    assert calibration_error(np.full(10, 0.95), np.array([1.0] * 5 + [0.0] * 5)) == pytest.approx(0.45)
    assert calibration_error(np.full(4, 0.75), np.array([1.0, 1.0, 1.0, 0.0])) == pytest.approx(0.0)


def test_cluster_counts() -> None:
    results = [
        result("621430", clusters=("hijab",)),
        result("621430", clusters=("hijab", "batik")),
        result("1", clusters=()),
    ]
    items = [
        labelled(clusters=frozenset({"hijab"})),
        labelled(clusters=frozenset({"batik"})),
        labelled(clusters=frozenset({"mukena"})),
    ]
    found = cluster_metrics(results, items)
    assert found["precision"] == pytest.approx(2 / 3)
    assert found["recall"] == pytest.approx(2 / 3)


def test_origin_area() -> None:
    results = [result("1", 0.9), result("1", 0.8), result("1", 0.1)]
    items = [labelled(origin="CN"), labelled(origin="ID"), labelled(origin="ID")]
    assert origin_metrics(results, items)["auc"] == 1.0


def test_conformal_mass_is_the_finite_sample_quantile() -> None:
    assert conformal_mass(np.arange(1, 10) / 10, 0.9) == pytest.approx(0.9)


def test_far_texts_get_a_higher_temperature() -> None:
    calibration = Calibration(distance_slope=2.0)
    logits = np.array([[2.0, 0.0], [2.0, 0.0]], np.float32)
    near, far = calibration.probabilities(logits, np.array([0.9, 0.2], np.float32), np.zeros(2))
    assert near[0] > far[0] > 0.5
