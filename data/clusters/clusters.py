"""Reader of ``NAME.csv``: positives and hard negatives of each cluster."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data.tables import TableError, read_table

CLUSTERS: tuple[str, ...] = (
    "hijab", "muslim_top_women", "muslim_bottom_women", "muslim_dress", "muslim_outerwear", "mukena",
    "muslim_top_men", "muslim_bottom_men", "muslim_kids", "muslim_accessories", "prayer_equipment",
    "batik", "kebaya", "used_clothing",
)  # fmt: skip
COLUMNS = ("label", "lang", "text", "note")


@dataclass(frozen=True)
class ClusterExample:
    """A listing title that belongs to ``cluster`` (``positive``) or only looks like it."""

    cluster: str
    positive: bool
    lang: str
    text: str
    note: str


def load_ordinary(folder: Path | None = None) -> list[str]:
    """Listings that belong to none of the clusters, though they share their words."""
    path = (folder or Path(__file__).parent) / "ordinary.csv"
    return [row["text"] for _, row in read_table(path, COLUMNS)]


def load_second_hand(folder: Path | None = None) -> dict[str, bool]:
    """Phrases that say the goods are second-hand (true), and those that only sound so (false)."""
    path = (folder or Path(__file__).parent) / "second_hand.csv"
    return {row["phrase"]: row["used"] == "1" for _, row in read_table(path, ("phrase", "used"))}


def load_keywords(folder: Path | None = None) -> frozenset[str]:
    """Words that leave it open whether a lexicon line belongs to a cluster."""
    path = (folder or Path(__file__).parent) / "keywords.csv"
    return frozenset(row["word"] for _, row in read_table(path, ("word",)))


def load_clusters(folder: Path | None = None) -> list[ClusterExample]:
    """Examples of all fourteen clusters.

    Raises
    ------
    TableError
        Where a label is neither ``pos`` nor ``neg``.
    """
    examples = []
    for name in CLUSTERS:
        path = (folder or Path(__file__).parent) / f"{name}.csv"
        for number, row in read_table(path, COLUMNS):
            if row["label"] not in {"pos", "neg"}:
                raise TableError(f"{path.name}:{number}: label {row['label']!r} is neither pos nor neg")
            examples.append(ClusterExample(name, row["label"] == "pos", row["lang"], row["text"], row["note"]))
    return examples
