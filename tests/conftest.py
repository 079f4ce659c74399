"""Fixtures that several rooms share: a tiny model, trained in seconds."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.bundle import load_bundle
from models.classifier import ListingClassifier
from training.build import BuildConfig, build_bundle
from training.fit import FitConfig
from training.knowledge import Example

ARTICLES = {
    "621430": ["hijab segiempat voal", "pashmina ceruty babydoll", "kerudung sifon", "chiffon scarf", "jilbab satin"],
    "392690": ["casing hp silikon", "softcase iphone", "phone case tpu", "cover hp transparan", "hard case samsung"],
    "090121": ["kopi bubuk arabika", "roasted coffee beans", "kopi sangrai gayo", "biji kopi robusta"],
    "640411": ["sepatu lari pria", "running shoes mesh", "sneakers olahraga", "sepatu futsal"],
    "950300": ["boneka beruang", "mobil mobilan anak", "toy car", "puzzle kayu anak", "plush doll"],
    "853952": ["lampu led bulb 10 watt", "bohlam led hemat energi", "led bulb e27"],
    "000000": ["paket a", "custom order kak", "barang sesuai chat", "random item"],
}
TAGGED = {
    "hijab segiempat premium": {"hijab": 1.0},
    "jilbab instan bergo": {"hijab": 1.0},
    "gantungan hijab akrilik": {"hijab": 0.0},
    "kemeja batik pria": {"batik": 1.0},
    "baju bekas thrift": {"used_clothing": 1.0},
}
TINY = BuildConfig(
    dim=32, pieces=400, common=0, buckets=512, hidden=48, tag_hidden=24, teacher=None, noise=False,
    fit=FitConfig(epochs=40, batch=16, table_rate=2e-2, rate=5e-3),
)  # fmt: skip


def tiny_examples() -> list[Example]:
    """A handful of articles, two languages, some tags."""
    examples = [
        Example(text, code, {"english": float(text.isascii() and " " in text)})
        for code, texts in ARTICLES.items()
        for text in texts
    ]
    return examples + [Example(text, None, tags, 2.0) for text, tags in TAGGED.items()]


@pytest.fixture(scope="session")
def tiny_bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Directory of a bundle trained on the tiny examples."""
    folder = tmp_path_factory.mktemp("bundle") / "tiny"
    build_bundle(folder, TINY, tiny_examples())
    return folder


@pytest.fixture(scope="session")
def tiny_model(tiny_bundle: Path) -> ListingClassifier:
    """The tiny bundle, loaded."""
    return load_bundle(tiny_bundle)
