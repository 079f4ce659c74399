"""The evaluation as one self-contained page: tables and plots, nothing loaded from elsewhere."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, select_autoescape

from data.hs import load_nomenclature
from data.labels import LabelledListing
from training.metrics import BINS, Hits, Results

TEMPLATE = "report.html.j2"


def write_report(
    path: Path, metrics: dict[str, Any], hits: Hits, results: Results, labelled: Sequence[LabelledListing]
) -> None:
    """Write the page; whatever a seller wrote is escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=select_autoescape(["j2", "html"])
    )
    environment.filters["percent"] = lambda value: f"{100 * value:.1f} %"
    plots = {}
    if len(hits.rows):
        plots = {
            "Reliability of the heading score": reliability(hits),
            "Accuracy against answers given": abstention(hits),
            "Size of the sets": set_sizes(hits),
        }
    page = environment.get_template(TEMPLATE).render(
        metrics=metrics, plots=plots, names=load_nomenclature(), listings=len(labelled)
    )
    path.write_text(page, encoding="utf-8")


def reliability(hits: Hits) -> str:
    """Share of right headings by stated confidence."""
    confidence, right = hits.confidence[4], hits.top1[4]
    at = np.minimum((confidence * BINS).astype(int), BINS - 1)
    used = [b for b in range(BINS) if (at == b).any()]

    def draw(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], color="#999", linestyle="--", label="perfect")
        axes.plot(
            [confidence[at == b].mean() for b in used],
            [right[at == b].mean() for b in used],
            "o-",
            color="#0b6e4f",
            label="measured",
        )
        axes.set(xlabel="confidence", ylabel="share right", xlim=(0, 1), ylim=(0, 1))
        axes.legend()

    return _plot(draw)


def abstention(hits: Hits) -> str:
    """Accuracy of the headings kept, as the least sure ones are left to people."""
    order = np.argsort(-hits.confidence[4], kind="stable")
    kept = np.arange(1, len(order) + 1)

    def draw(axes: Any) -> None:
        axes.plot(kept / len(order), np.cumsum(hits.top1[4][order]) / kept, color="#0b6e4f")
        axes.set(xlabel="share of listings answered", ylabel="share right among them", xlim=(0, 1), ylim=(0, 1.02))

    return _plot(draw)


def set_sizes(hits: Hits) -> str:
    """How many codes the sets hold."""

    def draw(axes: Any) -> None:
        axes.hist(hits.sizes, bins=np.arange(0.5, 21.5), color="#0b6e4f")
        axes.set(xlabel="codes in the set", ylabel="listings")

    return _plot(draw)


def _plot(draw: Any) -> str:
    """A plot as a data URI."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5, 3.6), layout="constrained")
    draw(figure.subplots())
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=110)
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
