"""Cutting a text at its evidence, so that a template can mark the parts; nothing here is markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

KINDS = ("flag", "hs")
"""Kinds of evidence; where two overlap, the earlier one shows."""


def marked(text: str, spans: Iterable[tuple[str, Mapping[str, Any]]]) -> list[tuple[str, str]]:
    """``(part, kind)`` in reading order; kind is "" where nothing is marked.

    Parameters
    ----------
    spans : kind and span (``start``, ``end``) of each piece of evidence in this text.

    Examples
    --------
    >>> marked("hijab satin", [("flag", {"start": 0, "end": 5})])
    [('hijab', 'flag'), (' satin', '')]
    """
    kinds = [""] * len(text)
    for kind, span in sorted(spans, key=lambda item: -KINDS.index(item[0])):
        start, end = max(0, int(span["start"])), min(len(text), int(span["end"]))
        kinds[start:end] = [kind] * (end - start)
    parts: list[tuple[str, str]] = []
    begin = 0
    for at in range(1, len(text) + 1):
        if at == len(text) or kinds[at] != kinds[begin]:
            parts.append((text[begin:at], kinds[begin]))
            begin = at
    return parts
