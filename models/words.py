"""Words and their parts: what the static encoder knows a word by.

A word is known by its pieces (WordPiece: whole common words, parts of rare ones) and by its hashed
character n-grams (Bojanowski et al. 2017, "Enriching Word Vectors with Subword Information"), which
hold on to misspellings, slang and inflections that no vocabulary lists.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tokenizers import Tokenizer, models, pre_tokenizers

WORD = re.compile(r"[^\W_]+")
DIGIT = re.compile(r"\d")
CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
MAX_WORD = 40
MAX_WORDS = 64
UNKNOWN = "[UNK]"
HEAD_SIZES, TAIL_SIZES = range(3, 8), range(2, 7)
PART_SHARE, MIN_COUNT = 12, 2


def split_words(normalized: str, limit: int = MAX_WORDS) -> list[str]:
    """The first ``limit`` words (runs of letters and digits) of a normalised text."""
    return [word[:MAX_WORD] for word in WORD.findall(normalized)[:limit]]


@dataclass(frozen=True)
class WordParts:
    """Turns a word into ids of pieces and of n-grams.

    Parameters
    ----------
    tokenizer : a WordPiece tokenizer over single words.
    buckets : number of n-gram buckets; 0 switches n-grams off.
    """

    tokenizer: Tokenizer
    buckets: int

    def pieces(self, words: list[str]) -> list[list[int]]:
        """Piece ids of each word."""
        return [encoding.ids for encoding in self.tokenizer.encode_batch(words)]

    def grams(self, word: str) -> list[int]:
        """Bucket of each n-gram of ``word`` with its edges: 3 to 5 letters, 1 to 2 in East Asian scripts.

        Digits count as one sign: sizes and model numbers differ, their shape does not.
        """
        if not self.buckets:
            return []
        marked = f"<{DIGIT.sub('0', word)}>"
        sizes = (1, 2) if CJK.search(word) else (3, 4, 5)
        return [
            zlib.crc32(marked[i : i + size].encode()) % self.buckets
            for size in sizes
            for i in range(len(marked) - size + 1)
        ]


def train_tokenizer(words: Iterable[str], size: int, extra: Iterable[str] = ()) -> Tokenizer:
    """A WordPiece tokenizer of at most ``size`` pieces learned from ``words``, plus ``extra`` whole words.

    Pieces are the letters, the commonest beginnings and endings of words, and then the commonest words:
    counted, not merged, because the library's own trainer breaks ties by chance and the same texts
    must give the same bundle.
    """
    counts = Counter(words)
    letters = sorted({letter for word in counts for letter in word})
    heads = Counter(word[:n] for word in counts for n in HEAD_SIZES if len(word) > n)
    tails = Counter(f"##{word[-n:]}" for word in counts for n in TAIL_SIZES if len(word) > n)
    parts = [piece for table in (heads, tails) for piece in _commonest(table, size // PART_SHARE)]
    whole = _commonest(Counter({word: n for word, n in counts.items() if n >= MIN_COUNT}), size)
    pieces = dict.fromkeys([UNKNOWN, *letters, *(f"##{letter}" for letter in letters), *parts, *whole])
    vocabulary = {piece: i for i, piece in enumerate(list(pieces)[:size])}
    return extend_tokenizer(_tokenizer(vocabulary), extra)


def _commonest(counts: Counter[str], most: int) -> list[str]:
    return [piece for piece, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]]


def _tokenizer(vocabulary: dict[str, int]) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(vocab=vocabulary, unk_token=UNKNOWN, max_input_chars_per_word=MAX_WORD))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return tokenizer


def extend_tokenizer(tokenizer: Tokenizer, words: Iterable[str]) -> Tokenizer:
    """The same tokenizer with ``words`` as whole pieces behind the old ones, whose ids stay."""
    vocabulary = tokenizer.get_vocab()
    for word in sorted(set(words) - set(vocabulary)):
        vocabulary[word] = len(vocabulary)
    return _tokenizer(vocabulary)
