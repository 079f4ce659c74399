"""Finding known phrases in a text: word by word, longest first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from models.words import WORD

Value = TypeVar("Value")


@dataclass(frozen=True)
class Match(Generic[Value]):
    """A phrase found; ``start`` and ``end`` are characters of the normalised text."""

    value: Value
    start: int
    end: int


@dataclass
class PhraseIndex(Generic[Value]):
    """Phrases by their first word.

    A longer phrase hides the shorter ones inside it: "bukan import" hides "import".
    """

    _by_first: dict[str, list[tuple[tuple[str, ...], Value]]] = field(default_factory=dict)

    @classmethod
    def of(cls, phrases: Iterable[tuple[str, Value]]) -> PhraseIndex[Value]:
        """Index of (normalised phrase, value) pairs."""
        index: PhraseIndex[Value] = cls()
        for phrase, value in phrases:
            words = tuple(WORD.findall(phrase))
            if words:
                index._by_first.setdefault(words[0], []).append((words, value))
        for entries in index._by_first.values():
            entries.sort(key=lambda entry: -len(entry[0]))
        return index

    def find(self, text: str) -> list[Match[Value]]:
        """Matches in a normalised text, left to right, without overlap."""
        found: list[Match[Value]] = []
        words: list[tuple[str, int, int]] = []
        if self._by_first.keys().isdisjoint(WORD.findall(text)):
            return found
        words = [(m.group(), m.start(), m.end()) for m in WORD.finditer(text)]
        at = 0
        while at < len(words):
            for phrase, value in self._by_first.get(words[at][0], ()):
                stop = at + len(phrase)
                if tuple(word for word, _, _ in words[at:stop]) == phrase:
                    found.append(Match(value, words[at][1], words[stop - 1][2]))
                    at = stop - 1
                    break
            at += 1
        return found
