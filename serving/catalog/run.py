"""A run: rows in chunks through workers into the output, with progress, from wherever it stands."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from tqdm import tqdm

from data.files import CatalogReader, FileError, format_of
from serving.catalog.checkpoint import Output, OutputError, Paths, State, read_state
from serving.catalog.formats import FORMATS
from serving.catalog.pool import Alone, Pool, Spec, run_alone_or_pooled
from serving.catalog.summary import Summary
from serving.catalog.work import Item

CHUNK = 2048
SMALL = 5000


@dataclass(frozen=True)
class Options:
    """How to run.

    Attributes
    ----------
    resume : take up an earlier run that was killed; starts anew where there is none.
    workers : processes; None: one for a file of less than 5,000 rows, else as many as there are processors.
    chunk : rows between two checkpoints. It does not change the results.
    progress : show a bar on standard error.
    """

    resume: bool = False
    workers: int | None = None
    chunk: int = CHUNK
    progress: bool = False


class Chunks:
    """The rows of a catalog in chunks; iterate it once.

    The first ``skip`` rows, those of an earlier run, are read all the same, for their ids and columns.
    """

    def __init__(self, reader: CatalogReader, size: int, skip: int = 0) -> None:
        self._reader, self._size = reader, size
        self._read = 0
        self._rows = islice(self._numbered(), skip, None)
        self._first: deque[list[Item]] = deque()

    def __iter__(self) -> Iterator[list[Item]]:
        while chunk := self._first.popleft() if self._first else self._next():
            yield chunk

    def are_few(self, least: int) -> bool:
        """Whether less than ``least`` rows are left; looks ahead for it."""
        while sum(map(len, self._first)) < least:
            chunk = self._next()
            if not chunk:
                return True
            self._first.append(chunk)
        return False

    @property
    def expected(self) -> int:
        """About how many rows there are in all, going by the part that was read."""
        return round(self._read / max(self._reader.fraction, 1e-9))

    def _next(self) -> list[Item]:
        return list(islice(self._rows, self._size))

    def _numbered(self) -> Iterator[Item]:
        for row, value in self._reader:
            self._read += 1
            yield Item(row, value, self._reader.file)


def stored_state(out: Path, options: Options) -> State | None:
    """The run to take up, where one is asked for and there is one."""
    return read_state(Paths(out)) if options.resume else None


def check_output(source: str | Path, files: list[Path], out: Path) -> str:
    """The output's format.

    Raises
    ------
    OutputError, FileError
        Where the output's ending is unknown, its folder is missing, or it would overwrite the input.
    """
    kind = format_of(out)
    if out.suffix == ".gz":
        raise FileError(f"{out}: output is not compressed; write .csv, .jsonl or .parquet")
    if not out.parent.is_dir():
        raise OutputError(f"{out.parent}: there is no such directory")
    if out.is_dir() or out.resolve() in {path.resolve() for path in files}:
        raise OutputError(f"{out}: is the input or a directory, and would be overwritten")
    return kind


def run(reader: CatalogReader, source: str | Path, out: Path, spec: Spec, as_of: date, options: Options) -> Summary:
    """All rows of ``reader`` through the workers that ``spec`` makes, into ``out``; what was done.

    Raises
    ------
    OutputError, FileError
        Where the output cannot be written, or the run to resume was another one.
    """
    form = FORMATS[check_output(source, reader.files, out)]
    paths = Paths(out)
    state = stored_state(out, options)
    chunks = Chunks(reader, options.chunk, state.rows if state else 0)
    workers = options.workers or (1 if chunks.are_few(SMALL) else len(os.sched_getaffinity(0)))
    with closing(run_alone_or_pooled(spec, workers)) as engine:
        identity = {
            "input": reader.fingerprint(),
            "as_of": as_of.isoformat(),
            "model_version": engine.versions.model,
            "policy_version": engine.versions.policy,
        }
        if state is not None:
            _check_same(state, identity)
            if state.summary is not None:
                Output(paths, form, state).complete(state.summary)
                return Summary(**state.summary)
        with closing(Output(paths, form, state or State(identity))) as output:
            _work(engine, chunks, output, options)
            summary = _summary(reader, source, out, output)
            output.complete(summary.as_json())
            return summary


def _work(engine: Alone | Pool, chunks: Chunks, output: Output, options: Options) -> None:
    before, start = output.state.seconds, time.perf_counter()
    with tqdm(unit=" rows", disable=not options.progress, initial=output.state.rows, smoothing=0.1) as bar:
        for done in engine.map(chunks):
            seconds = before + time.perf_counter() - start
            output.append(done.data, done.rejects, done.rows, done.tally, seconds)
            bar.total = chunks.expected
            bar.update(done.rows)
        bar.total = output.state.rows
    output.state.seconds = before + time.perf_counter() - start


def _check_same(state: State, identity: dict[str, Any]) -> None:
    changed = [name for name, value in identity.items() if state.identity.get(name) != value]
    if changed:
        names = ", ".join(name.removesuffix("_version") for name in changed)
        raise OutputError(f"the run to resume had another {names}; start again without --resume")


def _summary(reader: CatalogReader, source: str | Path, out: Path, output: Output) -> Summary:
    state, tally = output.state, output.tally.as_json()
    return Summary(
        input=str(source),
        output=str(out),
        rows=state.rows,
        **tally,
        unknown_columns=reader.unknown,
        seconds=round(state.seconds, 3),
        rows_per_second=round(state.rows / max(state.seconds, 1e-9), 1),
        as_of=state.identity["as_of"],
        model_version=state.identity["model_version"],
        policy_version=state.identity["policy_version"],
    )
