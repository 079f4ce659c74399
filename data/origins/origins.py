"""Readers of ``brands.csv``, ``phrases.csv``, ``priors.csv`` and ``articles.csv``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data.tables import TableError, read_table

HERE = Path(__file__).parent
CERTAINTIES = frozenset({"high", "medium", "low"})
SAYS = frozenset({"imported", "domestic", "none"})


@dataclass(frozen=True)
class Brand:
    """A brand as listings write it; countries are ISO alpha-2; ``made_in`` is where its goods are usually made."""

    brand: str
    home: str
    made_in: str
    domestic: bool
    certainty: str
    goods: str


@dataclass(frozen=True)
class Phrase:
    """A seller's phrase; ``says`` imported, domestic or none (a trap: it says nothing of the origin)."""

    phrase: str
    lang: str
    says: str
    country: str
    strength: str


def load_brands(folder: Path = HERE) -> list[Brand]:
    """All brands, one row each."""
    brands = []
    columns = ("brand", "home", "made_in", "domestic", "certainty", "goods")
    for number, row in read_table(folder / "brands.csv", columns):
        if row["certainty"] not in CERTAINTIES or row["domestic"] not in {"0", "1"}:
            raise TableError(f"brands.csv:{number}: certainty {row['certainty']!r} or domestic {row['domestic']!r}")
        brands.append(Brand(**{**row, "domestic": row["domestic"] == "1"}))  # type: ignore[arg-type]
    return brands


def load_phrases(folder: Path = HERE) -> list[Phrase]:
    """All phrases."""
    phrases = []
    for number, row in read_table(folder / "phrases.csv", ("phrase", "lang", "says", "country", "strength")):
        if row["says"] not in SAYS or row["strength"] not in {"strong", "weak"}:
            raise TableError(f"phrases.csv:{number}: says {row['says']!r}, strength {row['strength']!r}")
        phrases.append(Phrase(**row))
    return phrases


def load_priors(folder: Path = HERE) -> dict[str, float]:
    """Probability, by heading, that an article on an Indonesian marketplace was made abroad."""
    priors = {}
    for number, row in read_table(folder / "priors.csv", ("heading", "imported", "reason")):
        value = float(row["imported"])
        if not 0 < value < 1:
            raise TableError(f"priors.csv:{number}: {value} is no probability")
        priors[row["heading"]] = value
    return priors


def load_articles(folder: Path = HERE) -> list[tuple[str, float]]:
    """Articles as listings name them, each with the probability that it was made abroad."""
    articles = []
    for number, row in read_table(folder / "articles.csv", ("text", "imported", "lang")):
        value = float(row["imported"])
        if not 0 < value < 1:
            raise TableError(f"articles.csv:{number}: {value} is no probability")
        articles.append((row["text"], value))
    return articles
