"""Normalisation: what is undone, what stays, and the way back to the seller's own text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.text import Normalizer

NORMALIZER = Normalizer(["hijab", "batik", "kebaya", "mukena", "jilbab", "bekas", "casing"])


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("H1J4B segiempat", "hijab segiempat"),
        ("h i j a b murah", "hijab murah"),
        ("h.i.j.a.b premium", "hijab premium"),
        ("hi-jab", "hijab"),
        ("ʜɪᴊᴀʙ", "hijab"),
        ("𝗛𝗶𝗷𝗮𝗯 🅷🅸🅹🅰🅱", "hijab hijab"),
        ("hij\u200bab", "hijab"),
        ("hіjаb", "hijab"),  # Cyrillic і and а
        ("hijaaaab", "hijab"),
        ("h̶i̶j̶a̶b̶", "hijab"),
        ("b4t1k", "batik"),
        ("k3b4y4", "kebaya"),
        ("<b>batik</b> &amp; bekas", "batik & bekas"),
        ("🔥batik🔥tulis", "batik tulis"),
    ],
)
def test_disguises_are_undone(written: str, meant: str) -> None:
    assert NORMALIZER(written) == meant


@pytest.mark.parametrize("text", ["samsung s21 4k 15w a4", "iphone13 30x40 cm", "kopi 3in1", "lampu 5w e27", "m8 x 30"])
def test_model_numbers_stay(text: str) -> None:
    assert NORMALIZER(text) == text


def test_spans_point_into_the_original() -> None:
    text = "Promo! H.1.J.4.B voal"
    traced = NORMALIZER.trace(text)
    at = traced.text.index("hijab")
    start, end = traced.span(at, at + 5)
    assert text[start:end] == "H.1.J.4.B"


@given(st.text(max_size=80))
def test_fast_and_traced_ways_agree(text: str) -> None:
    traced = NORMALIZER.trace(text)
    assert NORMALIZER(text) == traced.text
    assert len(traced.starts) == len(traced.ends) == len(traced.text)
    assert all(0 <= s <= e <= len(text) for s, e in zip(traced.starts, traced.ends, strict=True))
