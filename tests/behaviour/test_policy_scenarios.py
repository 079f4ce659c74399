"""The table a moderation lead can read: listing, what the model saw, day, expected decision and rules.

``scenarios.csv``: ``hs`` and ``clusters`` are "NAME PROBABILITY" pairs split by ``;`` (``?`` in front: the model
abstains), ``crossing`` yes, no or empty for unknown, ``price`` currency and amount, ``as_of`` 2026-11-24
where empty. ``must`` names flags that must be there with their action, ``must_not`` rules that must not.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from datetime import date
from pathlib import Path
from typing import Any

import pytest

import data.policy
from data.policy import Policy, load_policy
from serving.decision import apply_policy

TODAY = "2026-11-24"
CROSSING = {"yes": True, "no": False, "": None}


def rows() -> list[dict[str, str]]:
    with Path(__file__).with_name("scenarios.csv").open(newline="", encoding="utf-8") as handle:
        return list(csv.DictReader(handle))


ROWS = rows()


def pairs(cell: str) -> list[tuple[str, float]]:
    return [(part.split()[0], float(part.split()[1])) for part in cell.lstrip("?").split(";") if part.strip()]


def hs(cell: str) -> dict[str, Any]:
    """The contract's ``hs`` for six-digit codes and their probabilities; headings and chapters are sums."""
    sums: dict[int, dict[str, float]] = {length: defaultdict(float) for length in (6, 4, 2)}
    for code, score in pairs(cell):
        for length in sums:
            sums[length][code[:length]] += score
    ranked = {
        length: [{"code": c, "score": s} for c, s in sorted(found.items(), key=lambda item: -item[1])][:5]
        for length, found in sums.items()
    }
    best = None if cell.startswith("?") or not ranked[6] else ranked[6][0]
    return {
        "code": best and best["code"], "level": best and "subheading", "confidence": best and best["score"],
        "candidates": ranked[6], "headings": ranked[4], "chapters": ranked[2], "set": [],
    }  # fmt: skip


def prediction(row: dict[str, str]) -> dict[str, Any]:
    currency, _, amount = row["price"].strip().rpartition(" ")
    imported = float(row["imported"])
    return {
        "id": row["what"],
        "hs": hs(row["hs"]),
        "clusters": [{"name": name, "score": score} for name, score in pairs(row["clusters"])],
        "origin": {
            "imported": imported,
            "country": row["declared"] or None,
            "countries": [],
            "basis": row["basis"] or "predicted",
        },
        "warnings": [],
        "facts": {
            "title": row["title"],
            "price": float(amount) if amount else None,
            "currency": currency or "IDR",
            "crosses_border": CROSSING[row["crossing"]],
            "ship_from": row["ship_from"] or None,
            "declared_origin": row["declared"] or None,
            "used": float(row["used"] or 0),
            "evidence": {},
        },
    }


@pytest.fixture(scope="module")
def ours() -> Policy:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PABEAN_POLICY", raising=False)
        patch.delenv("PABEAN_RATES", raising=False)
        return load_policy()


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['group']}: {row['what']}" for row in ROWS])
def test_scenario(row: dict[str, str], ours: Policy) -> None:
    result = apply_policy(prediction(row), ours, date.fromisoformat(row["as_of"] or TODAY))
    flags = {flag["rule"]: flag["action"] for flag in result["flags"]}
    for expected in filter(None, row["must"].split(";")):
        rule, action = expected.split()
        assert flags.get(rule) == action, flags
    for rule in filter(None, row["must_not"].split(";")):
        assert rule not in flags
    assert result["decision"] == row["decision"], flags


def test_the_table_covers_every_rule_from_both_sides(ours: Policy) -> None:
    assert len(ROWS) >= 120
    assert len({(row["group"], row["what"]) for row in ROWS}) == len(ROWS)
    fired = {part.split()[0] for row in ROWS for part in row["must"].split(";") if part}
    spared = {part for row in ROWS for part in row["must_not"].split(";") if part}
    rules = {rule.key for rule in ours.rules}
    observed = {rule.key for rule in ours.rules if rule.observe_only}
    assert fired == rules - observed
    assert spared <= rules
    assert not rules - spared, f"never shown not to fire: {sorted(rules - spared)}"


def test_every_start_of_a_rule_is_tried_on_its_day_and_the_day_before(ours: Policy) -> None:
    days = {date.fromisoformat(row["as_of"]) for row in ROWS if row["as_of"]}
    for rule in ours.rules:
        first = rule.effective_from
        assert first in days, rule.key
        assert date.fromordinal(first.toordinal() - 1) in days, rule.key


def test_the_worked_example_of_the_readme_holds(tmp_path: Path) -> None:
    readme = (Path(data.policy.__file__).parent / "README.md").read_text(encoding="utf-8")
    rules, table = (re.findall(rf"```{kind}\n(.*?)```", readme, re.DOTALL)[0] for kind in ("yaml", "csv"))
    (tmp_path / "e-bikes-2027.yaml").write_text(rules, encoding="utf-8")
    policy = load_policy(tmp_path)
    examples = list(csv.DictReader(table.splitlines()))
    assert len(examples) == 4
    for row in examples:
        test_scenario(row, policy)


def test_price_warnings_name_the_reason(ours: Policy) -> None:
    by_what = {row["what"]: row for row in ROWS}

    def warned(what: str) -> str:
        row = by_what[what]
        return " ".join(apply_policy(prediction(row), ours, date.fromisoformat(row["as_of"] or TODAY))["warnings"])

    assert "no exchange rate for XAU" in warned("currency without a rate")
    assert "exchange rate for IDR is too old" in warned("rupiah with a stale rate")
    assert "states no price" in warned("price not stated: a person looks")
    assert "where it ships from" in warned("cheap import of a bare listing in rupiah: warned of and not stopped")
    assert "observed only" in warned("imported cosmetics sold inside are only observed")
    assert warned("exactly 100 dollars") == ""
