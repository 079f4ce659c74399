"""``python -m data``: counts of the knowledge base and every problem in it; exit 1 where there is one.

``python -m data coverage`` writes the coverage page instead.
"""

from __future__ import annotations

import sys
from pathlib import Path

from data.check import check_knowledge
from data.coverage import PAGE, coverage_page

MEASURING = Path("../shared/data")


def main() -> int:
    """Print counts and problems, or write the coverage page."""
    if sys.argv[1:] == ["coverage"]:
        PAGE.write_text(coverage_page(), encoding="utf-8")
        return 0
    report = check_knowledge(MEASURING)
    for name, count in report.counts.items():
        print(f"{name:36} {count:>8,}")
    for problem in report.problems:
        print(f"problem: {problem}", file=sys.stderr)
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
