"""The table that the demo prints."""

from __future__ import annotations

from typing import Any

from rich.markup import escape
from rich.table import Table

from data.hs import load_nomenclature

STYLES = {"approve": "green", "review": "yellow", "reject": "red"}


def results_table(listings: list[dict[str, Any]], results: list[dict[str, Any]]) -> Table:
    """A line for each listing and its result."""
    table = Table(title="Pabean: what the gate says", show_lines=False, pad_edge=False)
    for name in ("title", "HS", "conf.", "imported", "clusters", "decision", "first reason"):
        table.add_column(name, overflow="fold", ratio={"title": 4, "HS": 4, "first reason": 7}.get(name))
    names = load_nomenclature()
    for listing, result in zip(listings, results, strict=True):
        code = result["hs"]["code"]
        reason = result["flags"][0]["reason"]["id"] if result["flags"] else ""
        style = STYLES[result["decision"]]
        table.add_row(
            escape(_short(str(listing["title"]), 60)),
            escape(f"{code} {_short(names.name(code, 'id'), 44)}") if code else "–",
            f"{result['hs']['confidence']:.2f}" if code else "–",
            f"{result['origin']['imported']:.2f} {result['origin']['country'] or ''}",
            escape(", ".join(cluster["name"] for cluster in result["clusters"])),
            f"[{style}]{result['decision']}[/]",
            escape(_short(_after_title(reason), 150)),
        )
    return table


def _after_title(reason: str) -> str:
    """A reason starts with the listing's title in quotes, which the table shows already."""
    head, mark, tail = reason.partition('" ')
    return tail if mark and head.startswith('"') else reason


def _short(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
