"""``training evaluate``: measures on labelled listings, as ``metrics.json`` and one readable page."""

from __future__ import annotations

import json
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from data.labels import LabelledListing
from models.bundle import load_bundle
from models.classifier import ListingClassifier
from training.metrics import Hits, Results, cluster_metrics, hs_hits, hs_metrics, interval, origin_metrics
from training.report import write_report

SHORT_TITLE = 4
PAIRS, EXAMPLES = 12, 3
LEAST_SLICE = 5


def evaluate(labelled: Sequence[LabelledListing], bundle: Path, out: Path) -> dict[str, Any]:
    """Measure a bundle, write ``metrics.json`` and ``report.html`` under ``out``; the metrics."""
    model = load_bundle(bundle)
    results, seconds = predict(model, labelled)
    metrics, hits = measure(results, labelled)
    metrics["model_version"] = model.version
    metrics["listings_per_second"] = round(len(labelled) / max(seconds, 1e-9))
    out.mkdir(parents=True, exist_ok=True)
    (out / "metrics.json").write_text(json.dumps(metrics, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    write_report(out / "report.html", metrics, hits, results, labelled)
    return metrics


def predict(model: ListingClassifier, labelled: Sequence[LabelledListing]) -> tuple[Results, float]:
    """Results of all listings, and the seconds they took; declared origins are hidden: nothing is given away."""
    listings = [item.listing.model_copy(update={"declared_origin": None}) for item in labelled]
    started = time.perf_counter()
    return model.predict(listings, facts=False), time.perf_counter() - started


def measure(results: Results, labelled: Sequence[LabelledListing]) -> tuple[dict[str, Any], Hits]:
    """All measures that the labels allow."""
    hits = hs_hits(results, labelled)
    metrics: dict[str, Any] = {
        "hs": hs_metrics(hits),
        "clusters": cluster_metrics(results, labelled),
        "origin": origin_metrics(results, labelled),
    }
    if len(hits.rows):
        metrics["slices"] = slices(hits, labelled)
        metrics["chapters"] = chapters(hits, labelled)
        metrics["confusions"] = confusions(hits, results, labelled)
    return metrics, hits


def slices(hits: Hits, labelled: Sequence[LabelledListing]) -> dict[str, Any]:
    """Heading accuracy by kind of listing."""
    kinds: dict[str, list[int]] = defaultdict(list)
    for at, i in enumerate(hits.rows):
        listing = labelled[i].listing
        kinds["title of up to four words" if len(listing.title.split()) <= SHORT_TITLE else "longer title"].append(at)
        kinds["with description" if listing.description else "without description"].append(at)
        kinds["with category" if listing.category else "without category"].append(at)
        kinds["Latin script" if listing.title.isascii() else "other characters"].append(at)
    return {name: _accuracy(hits, rows) for name, rows in sorted(kinds.items()) if len(rows) >= LEAST_SLICE}


def chapters(hits: Hits, labelled: Sequence[LabelledListing]) -> dict[str, Any]:
    """Heading accuracy by the right chapter."""
    rows: dict[str, list[int]] = defaultdict(list)
    for at, i in enumerate(hits.rows):
        rows[(labelled[i].hs or "")[:2]].append(at)
    return {chapter: _accuracy(hits, rows[chapter]) for chapter in sorted(rows)}


def confusions(hits: Hits, results: Results, labelled: Sequence[LabelledListing]) -> list[dict[str, Any]]:
    """Pairs of headings most often taken for one another, with listings."""
    counts: Counter[tuple[str, str]] = Counter()
    shown: dict[tuple[str, str], list[str]] = defaultdict(list)
    for at, i in enumerate(hits.rows):
        headings = results[i]["hs"]["headings"]
        if hits.top1[4][at] or not headings:
            continue
        pair = ((labelled[i].hs or "")[:4], headings[0]["code"])
        counts[pair] += 1
        shown[pair].append(labelled[i].listing.title)
    return [
        {"right": right, "said": said, "count": count, "examples": shown[right, said][:EXAMPLES]}
        for (right, said), count in counts.most_common(PAIRS)
    ]


def _accuracy(hits: Hits, rows: list[int]) -> dict[str, Any]:
    values = hits.top1[4][rows]
    return {"listings": len(rows), "hs4_top1": float(values.mean()), "interval": interval(values)}
