"""Checks of the knowledge base: codes, shapes, contradictions, and counts that may only grow."""

from __future__ import annotations

import csv
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from data.clusters import CLUSTERS, load_clusters, load_keywords, load_ordinary, load_second_hand
from data.countries import ISO_COUNTRIES, UNKNOWN_ABROAD
from data.hs import load_nomenclature
from data.lexicon import LexiconLine, load_lexicon, load_vague
from data.origins import load_articles, load_brands, load_phrases, load_priors

AT_LEAST = {
    "lexicon lines": 130_000,
    "subheadings": 4_000,
    "Indonesian or Malay lines": 60_000,
    "vague texts": 900,
    "positives of the smallest cluster": 200,
    "negatives of the smallest cluster": 150,
    "brands": 1_500,
    "domestic brands": 650,
    "phrases": 400,
}
"""Floors of the counts: raise them when the knowledge grows, never lower them."""


@dataclass(frozen=True)
class Report:
    """Counts, and every problem found; no problem means that the knowledge base holds."""

    counts: dict[str, int]
    problems: list[str]


def check_knowledge(measuring: Path | None = None) -> Report:
    """Check every table.

    Parameters
    ----------
    measuring : folder with listings that are for measuring only; none of their titles may stand in the
        knowledge base. Left out where there is none.
    """
    lines = load_lexicon()
    counts = lexicon_counts(lines) | cluster_counts() | origin_counts()
    problems = [
        f"{name}: {counts[name]}, at least {least} expected" for name, least in AT_LEAST.items() if counts[name] < least
    ]
    problems += lexicon_problems(lines) + origin_problems()
    if measuring and measuring.is_dir():
        problems += leaks({line.text for line in lines} | {e.text for e in load_clusters()}, measuring)
    return Report(counts, problems)


def lexicon_counts(lines: list[LexiconLine]) -> dict[str, int]:
    """How many lines, codes, languages."""
    languages = Counter(line.lang for line in lines)
    return {
        "lexicon lines": len(lines),
        "subheadings": len({line.hs6 for line in lines}),
        "headings": len({line.hs6[:4] for line in lines}),
        "Indonesian or Malay lines": languages["id"] + languages["ms"],
        "English lines": languages["en"],
        "Chinese lines": languages["zh"],
        "terms": sum(line.kind == "term" for line in lines),
        "titles": sum(line.kind == "title" for line in lines),
        "vague texts": len(load_vague()),
    }


def cluster_counts() -> dict[str, int]:
    """Positives and negatives of the smallest cluster."""
    examples = load_clusters()
    positives = Counter(e.cluster for e in examples if e.positive)
    negatives = Counter(e.cluster for e in examples if not e.positive)
    load_keywords()
    load_second_hand()
    return {
        "positives of the smallest cluster": min(positives[name] for name in CLUSTERS),
        "negatives of the smallest cluster": min(negatives[name] for name in CLUSTERS),
        "ordinary fashion": len(load_ordinary()),
    }


def origin_counts() -> dict[str, int]:
    """Brands, phrases, articles."""
    brands = load_brands()
    return {
        "brands": len(brands),
        "domestic brands": sum(brand.domestic for brand in brands),
        "phrases": len(load_phrases()),
        "articles with an origin": len(load_articles()),
    }


def lexicon_problems(lines: list[LexiconLine]) -> list[str]:
    """Unknown codes, and texts that stand under two codes."""
    names = load_nomenclature()
    problems = [
        f"lexicon: {line.hs6} is no HS {names.edition} subheading: {line.text!r}"
        for line in lines
        if line.hs6 not in names
    ]
    seen: dict[str, str] = {}
    for line in lines:
        other = seen.setdefault(line.text.casefold(), line.hs6)
        if other != line.hs6:
            problems.append(f"lexicon: {line.text!r} stands under {other} and {line.hs6}")
    return problems


def origin_problems() -> list[str]:
    """Headings without a prior, unknown headings and countries, brands that stand twice."""
    names, priors = load_nomenclature(), load_priors()
    headings = {code for code in names.english if len(code) == 4}
    problems = [f"priors: heading {code} is missing" for code in sorted(headings - set(priors))]
    problems += [f"priors: {code} is no heading" for code in sorted(set(priors) - headings)]
    problems += [f"names: {code} has no Indonesian name" for code in sorted(headings - set(names.indonesian))]
    twice = [brand for brand, count in Counter(b.brand for b in load_brands()).items() if count > 1]
    problems += [f"brands: {brand!r} stands twice" for brand in twice]
    countries = (
        {b.made_in for b in load_brands()} | {b.home for b in load_brands()} | {p.country for p in load_phrases()}
    )
    return problems + [
        f"origins: {code!r} is no country" for code in sorted(countries - ISO_COUNTRIES - {"", UNKNOWN_ABROAD})
    ]


def leaks(texts: set[str], measuring: Path) -> list[str]:
    """Titles of listings kept for measuring that stand in the knowledge base (longer than 25 characters)."""
    ours = {text.strip().casefold() for text in texts}
    found = []
    for path in sorted(measuring.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as handle:
            titles = {row["title"].strip().casefold() for row in csv.DictReader(handle) if len(row["title"]) > 25}
        found += [f"{path.name}: {title!r} stands in the knowledge base" for title in sorted(titles & ours)]
    return found
