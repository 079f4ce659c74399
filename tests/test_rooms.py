"""The house's rule of imports: data knows nothing of ours, models knows data, training and serving never each other."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = {"data", "models", "training", "serving"}
KNOWN = {
    "data": {"data"},
    "models": {"data", "models"},
    "training": ROOMS - {"serving"},
    "serving": ROOMS - {"training"},
}


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_a_room_imports_only_what_it_may(room: str) -> None:
    wrong = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / room).rglob("*.py")
        for name in _imported(ast.parse(path.read_text(encoding="utf-8")))
        if name in ROOMS - KNOWN[room]
    ]
    assert wrong == []


def test_serving_needs_no_torch() -> None:
    script = (
        "import sys; import serving.service, serving.catalog.catalog_cli, serving.client, serving.demo\n"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'training'} & set(sys.modules)\n"
        "sys.exit(', '.join(heavy) or 0)"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def _imported(tree: ast.AST) -> Iterator[str]:
    """The first parts of all names that a module imports, inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]
