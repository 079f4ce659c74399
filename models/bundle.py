"""The bundle on disk: numbers, JSON and word lists, with a digest of every file; never pickle.

Layout (format 1)::

    manifest.json      format, encoder, digests, card
    arrays.npz         tables and heads, int8 with float32 scales
    lines.npz          lexicon lines as ids of words, sorted by class
    words.txt          the words of the lines
    known.txt          words a disguise may be undone to
    tokenizer.json     word pieces
    calibration.json, tags.json, origin.json
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from tokenizers import Tokenizer

from data.origins import Brand, Phrase
from models.calibration import Calibration
from models.classifier import ListingClassifier
from models.encoder import Encoder, SentenceEncoder, StaticEncoder, unit
from models.exact import Floats, QuantizedRows, quantize
from models.hs_head import HsHead
from models.origin import OriginModel
from models.phrases import PhraseIndex
from models.tag_head import TagHead
from models.text import Normalizer
from models.words import WordParts, split_words

FORMAT = 1
CHUNK = 8192
MANIFEST = "manifest.json"
DEFAULT_BUNDLE = Path(__file__).parent / "default"
HEAD_TABLES = ("centres", "first", "second", "tag_first", "tag_second")
ENCODER_TABLES = ("pieces", "grams")
LINES = "lines"
VECTORS = ("first_bias", "second_bias", "tag_first_bias", "tag_second_bias")


class BundleError(ValueError):
    """A bundle is missing, of another format, or its files are not those that were written."""


@dataclass(frozen=True)
class BundleParts:
    """All that a bundle holds, as training hands it over.

    Attributes
    ----------
    encoder : ``{"kind": "static", "buckets": n}`` or ``{"kind": "sentence", "name": model}``.
    tokenizer : JSON text of the tokenizer; empty for a sentence encoder.
    tables : float rows by name: ``HEAD_TABLES``; for a static encoder ``ENCODER_TABLES``, for a sentence
        encoder ``lines`` (the vectors of the lexicon lines, too slow to make at start-up).
    vectors : float vectors by name (``VECTORS``).
    classes : (c,) sorted codes.
    lines : lexicon lines, normalised; ``line_classes`` their class indices.
    known : words a disguise may be undone to.
    tags : names and thresholds of the tags.
    origin : brands, phrases, priors by class, weights; see :func:`_origin`.
    second_hand : phrases and whether they say used.
    """

    encoder: dict[str, Any]
    tokenizer: str
    tables: dict[str, Floats]
    vectors: dict[str, Floats]
    classes: list[str]
    lines: list[str]
    line_classes: NDArray[np.int64]
    known: list[str]
    tags: dict[str, float]
    origin: dict[str, Any]
    second_hand: dict[str, bool]
    calibration: Calibration
    card: dict[str, Any]


def save_bundle(parts: BundleParts, folder: Path) -> str:
    """Write a bundle; its version.

    The same parts give the same bytes, and so the same version.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arrays: dict[str, NDArray[Any]] = {"classes": np.array(parts.classes), **parts.vectors}
    order = np.argsort(parts.line_classes, kind="stable")
    for name, table in parts.tables.items():
        rows = quantize(table[order] if name == LINES else table)
        arrays[name], arrays[f"{name}_scale"] = rows.values.astype(np.int8), rows.scale
    np.savez_compressed(folder / "arrays.npz", **arrays)  # type: ignore[arg-type]
    bags = [split_words(parts.lines[i]) for i in order]
    words = sorted({word for bag in bags for word in bag})
    index = {word: i for i, word in enumerate(words)}
    sizes = np.array([len(bag) for bag in bags], np.uint8)
    ids = np.array([index[word] for bag in bags for word in bag], np.uint32)
    counts = np.bincount(parts.line_classes, minlength=len(parts.classes)).astype(np.int64)
    np.savez_compressed(folder / "lines.npz", ids=ids, sizes=sizes, counts=counts)
    _write(folder / "words.txt", "\n".join(words))
    _write(folder / "known.txt", "\n".join(parts.known))
    _write(folder / "tokenizer.json", parts.tokenizer)
    _write_json(folder / "calibration.json", parts.calibration.as_json())
    _write_json(
        folder / "tags.json",
        {"names": list(parts.tags), "thresholds": parts.tags, "second_hand": parts.second_hand},
    )
    _write_json(folder / "origin.json", parts.origin)
    return _seal(folder, {"format": FORMAT, "encoder": parts.encoder, "card": parts.card})


def replace_calibration(folder: Path, calibration: Calibration) -> str:
    """Write other calibration scalars into a bundle; its new version."""
    manifest = _manifest(folder)
    _write_json(folder / "calibration.json", calibration.as_json())
    return _seal(folder, manifest)


def _seal(folder: Path, manifest: dict[str, Any]) -> str:
    digests = {path.name: _digest(path) for path in sorted(folder.iterdir()) if path.name != MANIFEST}
    _write_json(folder / MANIFEST, {**manifest, "digests": digests}, indent=2)
    return bundle_version(folder)


def bundle_version(folder: Path) -> str:
    """Name and short digest, such as ``pabean-3f9c0a1b2c3d``."""
    return f"{_manifest(folder)['card'].get('name', 'pabean')}-{_digest(folder / MANIFEST)[:12]}"


def load_bundle(folder: Path = DEFAULT_BUNDLE) -> ListingClassifier:
    """The classifier of a bundle.

    Raises
    ------
    BundleError
        Where the folder is no bundle, has another format, or a file's digest differs.
    """
    manifest = _manifest(folder)
    for name, digest in manifest["digests"].items():
        if not (folder / name).is_file() or _digest(folder / name) != digest:
            raise BundleError(f"{folder}: {name} is missing or not the file that was written")
    with np.load(folder / "arrays.npz", allow_pickle=False) as file:
        arrays = dict(file)
    encoder = _encoder(manifest["encoder"], folder, arrays)
    lines, offsets, examples = _lines(folder, encoder, arrays)
    table = {name: QuantizedRows(arrays[name].astype(np.float32), arrays[f"{name}_scale"]) for name in HEAD_TABLES}
    tags = json.loads((folder / "tags.json").read_text(encoding="utf-8"))
    return ListingClassifier(
        version=bundle_version(folder),
        normalizer=Normalizer((folder / "known.txt").read_text(encoding="utf-8").split("\n")),
        encoder=encoder,
        hs_head=HsHead(
            arrays["classes"], table["centres"], table["first"], arrays["first_bias"],
            table["second"], arrays["second_bias"], lines, offsets,
        ),
        tags=TagHead(
            tuple(tags["names"]), table["tag_first"], arrays["tag_first_bias"],
            table["tag_second"], arrays["tag_second_bias"], tags["thresholds"],
        ),
        origin=_origin(json.loads((folder / "origin.json").read_text(encoding="utf-8"))),
        second_hand=PhraseIndex.of(tags["second_hand"].items()),
        calibration=Calibration(**json.loads((folder / "calibration.json").read_text(encoding="utf-8"))),
        examples=examples,
        card=manifest["card"],
    )  # fmt: skip


def _manifest(folder: Path) -> dict[str, Any]:
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BundleError(f"{folder} is not a bundle: {error}") from None
    if manifest.get("format") != FORMAT:
        raise BundleError(f"{folder}: format {manifest.get('format')}, this version reads {FORMAT}")
    return manifest


def _encoder(kind: dict[str, Any], folder: Path, arrays: dict[str, NDArray[Any]]) -> Encoder:
    if kind["kind"] == "sentence":
        return SentenceEncoder(kind["name"])
    parts = WordParts(Tokenizer.from_file(str(folder / "tokenizer.json")), kind["buckets"])
    pieces, grams = (QuantizedRows(arrays[name], arrays[f"{name}_scale"]) for name in ENCODER_TABLES)
    return StaticEncoder(parts, pieces, grams)


def _lines(
    folder: Path, encoder: Encoder, arrays: dict[str, NDArray[Any]]
) -> tuple[QuantizedRows, NDArray[np.intp], LineTexts]:
    """Lexicon lines in the encoder's space, where each class's lines start, and their texts."""
    with np.load(folder / "lines.npz", allow_pickle=False) as file:
        ids, sizes, counts = file["ids"].astype(np.int32), file["sizes"].astype(np.int64), file["counts"]
    words = (folder / "words.txt").read_text(encoding="utf-8").split("\n")
    ends = np.concatenate([[0], np.cumsum(sizes)])
    offsets = np.concatenate([[0], np.cumsum(counts)]).astype(np.intp)
    texts = LineTexts(words, ids, ends)
    if isinstance(encoder, StaticEncoder):
        table = encoder.remember(words)
        chosen = csr_array((np.ones(len(ids), np.float32), ids, ends), shape=(len(sizes), len(words)))
        return _packed(chosen, table), offsets, texts
    return QuantizedRows(arrays[LINES], arrays[f"{LINES}_scale"]), offsets, texts


def _packed(chosen: csr_array, table: Floats) -> QuantizedRows:
    """Unit rows of ``chosen @ table`` as int8, made piece by piece to keep the peak of memory low."""
    values = np.empty((chosen.shape[0], table.shape[1]), np.int8)
    scale = np.empty(chosen.shape[0], np.float32)
    for start in range(0, len(values), CHUNK):
        rows = quantize(unit(np.asarray(chosen[start : start + CHUNK] @ table, np.float32)))
        values[start : start + CHUNK], scale[start : start + CHUNK] = rows.values, rows.scale
    return QuantizedRows(values, scale)


class LineTexts(Sequence[str]):
    """The lexicon lines' words, joined only when one is asked for."""

    def __init__(self, words: list[str], ids: NDArray[np.int32], ends: NDArray[np.int64]) -> None:
        self._words, self._ids, self._ends = words, ids, ends

    def __len__(self) -> int:
        return len(self._ends) - 1

    def __getitem__(self, i: Any) -> Any:
        return " ".join(self._words[j] for j in self._ids[self._ends[i] : self._ends[i + 1]])


def _origin(stored: dict[str, Any]) -> OriginModel:
    pairs: list[tuple[str, Brand | Phrase]] = [(row["brand"], Brand(**row)) for row in stored["brands"]]
    pairs += [(row["phrase"], Phrase(**row)) for row in stored["phrases"]]
    text_weights = stored.get("text_weights")
    return OriginModel(
        PhraseIndex.of(pairs),
        np.array(stored["priors"], np.float64),
        np.array(stored["weights"], np.float64),
        None if text_weights is None else np.array(text_weights, np.float64),
    )


def stored_origin(
    brands: list[Brand],
    phrases: list[Phrase],
    priors: list[float],
    weights: list[float],
    text_weights: list[float] | None,
) -> dict[str, Any]:
    """What ``origin.json`` holds."""
    return {
        "brands": [asdict(brand) for brand in brands], "phrases": [asdict(phrase) for phrase in phrases],
        "priors": priors, "weights": weights, "text_weights": text_weights,
    }  # fmt: skip


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def _write_json(path: Path, value: Any, indent: int | None = None) -> None:
    _write(path, json.dumps(value, ensure_ascii=False, indent=indent, sort_keys=True))
