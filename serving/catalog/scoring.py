"""Scoring a catalog."""

from __future__ import annotations

from datetime import date
from functools import partial
from pathlib import Path

from data.files import ListingReader
from serving.catalog.model import load_model
from serving.catalog.run import Options, check_output, run, stored_state
from serving.catalog.summary import Summary
from serving.catalog.work import LoadModel, ScoreSpec
from serving.clock import today


def score(
    source: str | Path,
    out: Path,
    *,
    model: str | None = None,
    policy: Path | None = None,
    as_of: date | None = None,
    options: Options | None = None,
    load: LoadModel | None = None,
) -> Summary:
    """Score every listing of a catalog and write a result for each, in the order of the input.

    Parameters
    ----------
    source : a file (.csv, .jsonl, .parquet; the first two also with .gz), a directory, or a glob.
    out : .csv, .jsonl or .parquet. Beside it come ``OUT.rejects.jsonl`` (rows that could not be used) and
        ``OUT.summary.json``.
    model : a bundle's directory or a BentoML tag; see :func:`load_model`.
    policy : a directory of rules; see :func:`data.policy.load_policy`.
    as_of : the day whose rules count; None: today, or the day of the run that is resumed.
    options : resuming, workers, progress.
    load : makes the classifier in each process, in place of ``model``.

    Raises
    ------
    FileError, OutputError, BundleError, PolicyError
        Where input, output, model or policy cannot be used.
    """
    options = options or Options()
    reader = ListingReader(source)
    kind = check_output(source, reader.files, out)
    day = as_of or day_of(out, options)
    spec = ScoreSpec(load or partial(load_model, model), policy, day, kind)
    return run(reader, source, out, spec, day, options)


def day_of(out: Path, options: Options) -> date:
    """The day of the run that is resumed, else today."""
    state = stored_state(out, options)
    return date.fromisoformat(state.identity["as_of"]) if state else today()
