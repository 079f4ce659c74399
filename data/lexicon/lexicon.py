"""Reader of ``chapter-NN.csv`` (goods) and ``vague.csv`` (texts from which no code follows)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from data.tables import TableError, read_table

COLUMNS = ("hs6", "lang", "kind", "text")
KINDS = frozenset({"term", "title"})
LANGUAGES = frozenset({"id", "en", "ms", "zh"})


@dataclass(frozen=True)
class LexiconLine:
    """One way of naming an article: ``hs6`` six digits, ``kind`` term or title."""

    hs6: str
    lang: str
    kind: str
    text: str


@dataclass(frozen=True)
class VagueText:
    """A text that says too little, or names no goods; ``kind`` says which."""

    lang: str
    kind: str
    text: str


def load_lexicon(folder: Path | None = None) -> list[LexiconLine]:
    """All lines of all chapters, in file order.

    Raises
    ------
    TableError
        Where a line has an unknown kind or language, or stands in another chapter's file.
    """
    lines = []
    for path in sorted((folder or Path(__file__).parent).glob("chapter-*.csv")):
        chapter = path.stem.removeprefix("chapter-")
        for number, row in read_table(path, COLUMNS):
            if row["kind"] not in KINDS or row["lang"] not in LANGUAGES:
                raise TableError(f"{path.name}:{number}: unknown kind or language {row['kind']!r} {row['lang']!r}")
            if not row["hs6"].startswith(chapter) or len(row["hs6"]) != 6:
                raise TableError(f"{path.name}:{number}: code {row['hs6']!r} does not belong to chapter {chapter}")
            lines.append(LexiconLine(**row))
    return lines


def load_vague(folder: Path | None = None) -> list[VagueText]:
    """Texts that no code follows from."""
    path = (folder or Path(__file__).parent) / "vague.csv"
    return [VagueText(**row) for _, row in read_table(path, ("lang", "kind", "text"))]
