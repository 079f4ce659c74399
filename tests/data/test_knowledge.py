"""The knowledge base itself."""

from __future__ import annotations

from pathlib import Path

from data.check import check_knowledge, leaks, lexicon_problems
from data.coverage import PAGE, coverage_page
from data.lexicon import LexiconLine

MEASURING = Path(__file__).parents[3] / "shared" / "data"


def test_the_knowledge_base_holds() -> None:
    assert check_knowledge(MEASURING).problems == []


def test_contradictions_and_unknown_codes_are_found() -> None:
    lines = [
        LexiconLine("620520", "id", "term", "kemeja"),
        LexiconLine("620530", "id", "term", "Kemeja"),
        LexiconLine("999999", "id", "term", "x"),
    ]
    problems = lexicon_problems(lines)
    assert any("stands under 620520 and 620530" in p for p in problems)
    assert any("999999" in p for p in problems)


def test_leaked_titles_are_found(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("id,title\n1,A title long enough to be told apart\n", encoding="utf-8")
    assert len(leaks({"a TITLE long enough to be told apart"}, tmp_path)) == 1


def test_the_coverage_page_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == coverage_page()
