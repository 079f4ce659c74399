"""``serving policy check | show | diff``, as a moderation lead runs them."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest

from serving.policy_cli import add_policy_commands

RULE = """
title: Ours
defaults:
  source: {act: Akta 1}
  certainty: certain
  effective_from: 2026-01-01
  action: review
  thresholds: {review: 0.5}
  reason: {id: x, en: x}
rules:
  - {id: toys, title: {id: mainan, en: toys}, when: {hs: {in: ["9503"]}, border: [abroad]}}
"""


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PABEAN_POLICY", raising=False)
    monkeypatch.delenv("PABEAN_RATES", raising=False)


def run(*words: str) -> int:
    parser = argparse.ArgumentParser()
    add_policy_commands(parser.add_subparsers())
    args = parser.parse_args(["policy", *words])
    return int(args.run(args))


def test_check_of_ours_finds_no_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "--as-of", "2026-11-24") == 0
    shown = capsys.readouterr().out
    assert "prohibited-2021/used-clothing: ended on 2025-12-31" in shown
    assert "can never fire: 1\n" in shown
    assert "rates: nothing" in shown
    assert "bpom/drugs and halal-2026/medicines: 34 codes" in shown


def test_check_lists_what_can_never_fire_and_what_is_doubled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    more = """
  - {id: again, title: {id: a, en: a}, when: {hs: {in: ["9503"]}, border: [abroad]}}
  - {id: nothing, title: {id: a, en: a}, when: {hs: {in: ["9504"], out: ["95"]}}}
  - {id: dim, title: {id: a, en: a}, when: {unclear: true, clusters: [hijab]}}
  - id: spared
    title: {id: a, en: a}
    when: {hs: {in: ["4901"]}}
    unless:
      - {title: {id: buku, en: books}, source: {act: a}, effective_from: 2025-01-01, hs: {in: ["49"]}}
"""
    (tmp_path / "own.yaml").write_text(RULE + more)
    assert run("check", str(tmp_path), "--as-of", "2026-11-24") == 0
    shown = capsys.readouterr().out
    assert "can never fire: 3\n" in shown
    for name in ("own/nothing: when.hs", "own/dim: when.unclear", "own/spared: unless: books spares"):
        assert name in shown
    assert "own/again and own/toys: 1 codes or clusters in common  (the same conditions)" in shown


def test_check_says_when_rates_are_stale(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("check", "--as-of", "2028-01-01") == 0
    assert "permendag-31-2023/floor: stale exchange rate" in capsys.readouterr().out


def test_check_of_a_broken_directory_fails_and_names_the_fault(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "own.yaml").write_text(RULE.replace("0.5", "5"))
    assert run("check", str(tmp_path)) == 1
    assert "own.yaml: rule toys: thresholds.review" in capsys.readouterr().out
    for words in (("show", "--policy"), ("diff", "2026-01-01")):
        assert run(*words, str(tmp_path)) == 1


def test_show_lists_the_rules_of_the_day(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("show", "--as-of", "2026-10-16") == 0
    shown = capsys.readouterr().out
    assert "platform-2021/hijab: reject (reject 0.8, review 0.4, unknown 0.7)" in shown
    assert "2026-10-17 halal-2026/cosmetics starts" in shown
    assert run("show", "--as-of", "2026-10-16", "--json") == 0
    assert json.loads(capsys.readouterr().out)["as_of"] == "2026-10-16"


def test_diff_of_two_days(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("diff", "2026-10-16", "2026-10-17") == 0
    shown = capsys.readouterr().out
    assert "+ halal-2026/cosmetics" in shown
    assert "- " not in shown
    assert run("diff", "2026-11-01", "2026-11-02") == 0
    assert "no rule changes" in capsys.readouterr().out


def test_diff_of_two_directories_counts_the_decisions_that_change(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, review in (("old", "0.5"), ("new", "0.9")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "own.yaml").write_text(RULE.replace("review: 0.5", f"review: {review}"))
    results = tmp_path / "results.jsonl"
    lines = []
    for place, score in enumerate((0.4, 0.7, 0.8, 0.95)):
        lines.append({"id": str(place), "hs": {"code": "950300", "candidates": [{"code": "950300", "score": score}]},
                      "facts": {"crosses_border": True, "title": "mainan"}})  # fmt: skip
    results.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert run("diff", str(tmp_path / "old"), str(tmp_path / "new"), "--results", str(results)) == 0
    shown = capsys.readouterr().out
    assert "thresholds.review: 0.5 -> 0.9" in shown
    assert "results: 4, decisions that change: 2, flags that change: 2" in shown
    assert "2 review -> approve" in shown
    results.write_text('{"id": "A-1"}\n')
    assert run("diff", str(tmp_path / "old"), str(tmp_path / "new"), "--results", str(results)) == 1
    assert "line 1 is no stored result" in capsys.readouterr().out
