"""Normalisation that undoes what sellers do to hide or decorate a word, with a way back.

Two stages. Characters (:func:`fold`): Unicode compatibility forms, letters that only look Latin,
zero-width and combining marks, emoji and decoration. Words (:class:`Normalizer`): leet digits,
letters spaced or dotted apart, stretched letters; these only where the repaired word is a known one
and the written one is not, so that S21, 4K, 15W and A4 stay what they are.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from itertools import product

LEET = {
    "0": "o",
    "1": "il",
    "2": "z",
    "3": "e",
    "4": "a",
    "5": "s",
    "6": "g",
    "7": "t",
    "8": "b",
    "9": "g",
    "@": "a",
    "$": "s",
    "!": "i",
    "|": "il",
    "+": "t",
}
MIN_KNOWN = 4
MAX_LEET = 8
MEMORY = 50_000
MARKUP = re.compile(r"<[a-zA-Z/!][^<>]{0,200}>|&(?:[a-z]{2,8}|#\d{1,6}|#x[0-9a-f]{1,6});")
LETTER_NAME = re.compile(r"\b(?:LETTER|CAPITAL|SMALL) ([A-Z])$")
WORD = re.compile(r"[^\s]+")
SUSPECT = re.compile(
    r"[^\W\d_][0-9@$!|+]|[0-9@$!|+][^\W\d_]"  # a digit touching a letter
    r"|([^\W\d_])\1"  # stretched
    r"|\w[._*~'`^-]+\w"  # dotted
)
APART = re.compile(r"(?<!\w)\w(?:[\s._*~/|-]{1,3}\w){3,}(?!\w)")
JOINERS = re.compile(r"[._*~'`^|/-]+")


@dataclass(frozen=True)
class Traced:
    """A normalised text and, for each of its characters, where it stood in the original.

    Attributes
    ----------
    text : the normalised text.
    starts, ends : original start and end (exclusive), one each per character of ``text``.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Original span of ``text[start:end]``."""
        return min(self.starts[start:end]), max(self.ends[start:end])


@cache
def fold(char: str) -> str:
    """What one character stands for: lower-case letters or digits, a blank for decoration, or nothing."""
    if char.isascii():
        return " " if char < " " or char == "\x7f" else char.lower()
    category = unicodedata.category(char)
    if category in {"Cf", "Mn", "Me", "Cs"} or char == "\u3164":
        return ""
    named = LETTER_NAME.search(unicodedata.name(char, ""))
    if named and (category in {"So", "Lo"} or "SMALL CAPITAL" in unicodedata.name(char)):
        return named.group(1).lower()
    plain = unicodedata.normalize("NFKD", char)
    plain = "".join(c for c in plain if unicodedata.category(c) != "Mn")
    if not plain.isascii():
        plain = "".join(_latin(c) for c in plain)
    if category[0] in "SCZ" and not any(c.isalnum() for c in plain):
        return " "
    return plain.lower()


@cache
def _latin(char: str) -> str:
    """The Latin letter that ``char`` is confusable with (Unicode TR39 table), or ``char`` itself."""
    if not unicodedata.name(char, "").startswith(("CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "LATIN", "COPTIC")):
        return char
    from confusable_homoglyphs import confusables  # a large table: read on the first odd letter only

    found = confusables.is_confusable(char, preferred_aliases=["latin"], greedy=True)
    for other in found[0]["homoglyphs"] if found else ():
        if len(other["c"]) == 1 and other["c"].isascii() and other["c"].isalpha():
            return str(other["c"]).lower()
    return char


class Normalizer:
    """Normalises texts; knows the words that a disguise may be undone to.

    Parameters
    ----------
    words : known words, lower case. A repaired word must be among them.
    """

    def __init__(self, words: Iterable[str] = ()) -> None:
        self.words = frozenset(w for w in words if len(w) >= MIN_KNOWN)
        self._seen: dict[str, str] = {}

    def __call__(self, text: str) -> str:
        """The normalised text alone; plain ASCII, the common case, costs microseconds."""
        if text.isascii() and "<" not in text and "&" not in text and text.isprintable():
            lowered = text.lower()
            if not APART.search(lowered):
                return " ".join([self._word(word) for word in lowered.split()])
        return self.trace(text).text

    def _word(self, word: str) -> str:
        """One ASCII word, repaired; words met before are remembered."""
        if word.isalpha() and word in self.words:
            return word
        known = self._seen.get(word)
        if known is None:
            known = "".join(c for c, _, _ in self._repair([(c, 0, 0) for c in word]))
            if len(self._seen) >= MEMORY:
                self._seen.clear()
            self._seen[word] = known
        return known

    def trace(self, text: str) -> Traced:
        """The normalised text with the way back to the original."""
        cells = _characters(text)
        cells = self._join_letters(cells)
        out: list[tuple[str, int, int]] = []
        for word in _words(cells):
            if out:
                out.append((" ", word[0][1], word[0][1]))
            out.extend(self._repair(word))
        return Traced("".join(c for c, _, _ in out), tuple(s for _, s, _ in out), tuple(e for _, _, e in out))

    def _join_letters(self, cells: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
        text = "".join(c for c, _, _ in cells)
        out, last = [], 0
        for match in APART.finditer(text):
            letters = [cell for cell in cells[match.start() : match.end()] if cell[0].isalnum()]
            joined = "".join(c for c, _, _ in letters)
            size = next((n for n in range(len(joined), MIN_KNOWN - 1, -1) if self._known(joined[:n])), 0)
            if size:
                out += cells[last : match.start()] + letters[:size]
                rest = letters[size:]
                out += [cell for letter in rest for cell in ((" ", letter[1], letter[1]), letter)]
                last = match.end()
        return out + cells[last:]

    def _repair(self, word: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
        text = "".join(c for c, _, _ in word)
        if text in self.words or not SUSPECT.search(text):
            return word
        for candidate in (word, [c for c in word if not JOINERS.fullmatch(c[0])], _squeezed(word)):
            known = self._known("".join(c for c, _, _ in candidate))
            if known:
                return [(new, start, end) for new, (_, start, end) in zip(known, candidate, strict=True)]
        squeezed = _squeezed([c for c in word if not JOINERS.fullmatch(c[0])])
        known = self._known("".join(c for c, _, _ in squeezed))
        if known:
            return [(new, start, end) for new, (_, start, end) in zip(known, squeezed, strict=True)]
        return word

    def _known(self, text: str) -> str:
        """``text``, or a reading of its leet digits, that is a known word; empty where there is none."""
        if text in self.words:
            return text
        odd = [i for i, c in enumerate(text) if c in LEET]
        letters = sum(c.isalpha() for c in text)
        if not odd or len(odd) > MAX_LEET or len(text) < MIN_KNOWN or letters < 2:
            return ""
        for reading in product(*(LEET[text[i]] for i in odd)):
            guess = list(text)
            for i, c in zip(odd, reading, strict=True):
                guess[i] = c
            if "".join(guess) in self.words:
                return "".join(guess)
        return ""


def _characters(text: str) -> list[tuple[str, int, int]]:
    cells: list[tuple[str, int, int]] = []
    last = 0
    for match in MARKUP.finditer(text):
        cells += _folded(text, last, match.start())
        entity = html.unescape(match.group()) if match.group().startswith("&") else " "
        cells += [(c, match.start(), match.end()) for part in entity for c in fold(part)]
        last = match.end()
    return cells + _folded(text, last, len(text))


def _folded(text: str, start: int, end: int) -> list[tuple[str, int, int]]:
    return [(c, i, i + 1) for i in range(start, end) for c in fold(text[i])]


def _words(cells: list[tuple[str, int, int]]) -> list[list[tuple[str, int, int]]]:
    text = "".join(c for c, _, _ in cells)
    return [cells[m.start() : m.end()] for m in WORD.finditer(text)]


def _squeezed(word: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Runs of the same letter as one."""
    return [cell for i, cell in enumerate(word) if i == 0 or cell[0] != word[i - 1][0]]
