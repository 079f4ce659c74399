"""Output that appears whole or not at all, and a run that can be taken up where it was killed.

While a run lasts, results grow in ``OUT.part`` and rejects in ``OUT.rejects.jsonl.part``. After each chunk
both are forced to disk, then ``OUT.checkpoint.json`` says how many rows and bytes are good; a resumed run
cuts both files back to that point. At the end the parts become the files.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import orjson

from data.files import Reject
from serving.catalog.formats import JsonLines
from serving.catalog.summary import Tally

FORMAT = 1


class OutputError(ValueError):
    """The output cannot be written, or a run cannot be taken up."""


@dataclass(frozen=True)
class Paths:
    """The files of a run."""

    out: Path

    def beside(self, ending: str) -> Path:
        """The output's name with something added."""
        return self.out.with_name(self.out.name + ending)

    @property
    def rejects(self) -> Path:
        """Rows that could not be used."""
        return self.beside(".rejects.jsonl")

    @property
    def summary(self) -> Path:
        """Counts, as JSON."""
        return self.beside(".summary.json")

    @property
    def checkpoint(self) -> Path:
        """How far the run is."""
        return self.beside(".checkpoint.json")

    @property
    def parts(self) -> tuple[Path, Path]:
        """Results and rejects while the run lasts."""
        return self.beside(".part"), self.beside(".rejects.jsonl.part")


@dataclass
class State:
    """What a checkpoint holds: the run's identity, what is done, and the good bytes of both parts.

    ``summary`` is there once all rows are done and only the files must be put in their places.
    """

    identity: dict[str, Any]
    rows: int = 0
    offsets: tuple[int, int] = (0, 0)
    seconds: float = 0.0
    summary: dict[str, Any] | None = None
    tally: Tally | None = None

    def as_json(self) -> dict[str, Any]:
        """The checkpoint's content."""
        values = {**vars(self), "format": FORMAT}
        return {**values, "tally": self.tally.as_json() if self.tally else None}


def read_state(paths: Paths) -> State | None:
    """The checkpoint of an earlier run; None where there is none."""
    try:
        values: dict[str, Any] = orjson.loads(paths.checkpoint.read_bytes())
        if values.pop("format") != FORMAT:
            raise ValueError("of another version")
        tally = values.pop("tally")
        return State(**{**values, "offsets": tuple(values["offsets"])}, tally=Tally.from_json(tally) if tally else None)
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError) as error:
        raise OutputError(f"{paths.checkpoint}: is no checkpoint of ours ({error}); start without --resume") from None


class Output:
    """The growing output of a run.

    Parameters
    ----------
    paths, form : where to, and in which format.
    state : where the run stands; zero rows starts it anew.
    """

    def __init__(self, paths: Paths, form: JsonLines, state: State) -> None:
        self.paths, self.state, self._form = paths, state, form
        self.tally = state.tally or Tally()
        self._files: list[IO[bytes]] = []
        if state.summary is None:
            self._files = [_open(p, size) for p, size in zip(paths.parts, state.offsets, strict=True)]
            if not state.offsets[0]:
                self._files[0].write(form.head())

    def append(self, data: bytes, rejects: Iterable[Reject], rows: int, tally: Tally, seconds: float) -> None:
        """Adds a chunk; once this returns, a kill no longer loses it."""
        self._files[0].write(data)
        self._files[1].writelines(
            orjson.dumps(reject.as_json(), option=orjson.OPT_APPEND_NEWLINE) for reject in rejects
        )
        self.state.rows += rows
        self.tally.add(tally)
        self._save(seconds)

    def complete(self, summary: dict[str, Any]) -> None:
        """Turns the parts into the files; may be repeated where a kill came in between."""
        if self.state.summary is None:
            self.state.summary = summary
            self._save(self.state.seconds)
        self.close()
        part, rejects = self.paths.parts
        if rejects.exists():
            os.replace(rejects, self.paths.rejects)
        write_json(self.paths.summary, summary)
        if part.exists():
            self._form.finish(part, self.paths.out)
        self.paths.checkpoint.unlink(missing_ok=True)

    def close(self) -> None:
        """Closes the parts."""
        for file in self._files:
            file.close()

    def _save(self, seconds: float) -> None:
        for file in self._files:
            file.flush()
            os.fsync(file.fileno())
        self.state.offsets = (self._files[0].tell(), self._files[1].tell())
        self.state.seconds, self.state.tally = seconds, self.tally
        write_json(self.paths.checkpoint, self.state.as_json())


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """A JSON file that appears whole or not at all."""
    part = path.with_name(path.name + ".part")
    with part.open("wb") as handle:
        handle.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
        handle.flush()
        os.fsync(handle.fileno())
    os.replace(part, path)


def _open(path: Path, size: int) -> IO[bytes]:
    handle = path.open("r+b" if size else "wb")
    handle.seek(0, os.SEEK_END)
    if handle.tell() < size:
        raise OutputError(f"{path}: is shorter than its checkpoint says; start without --resume")
    handle.truncate(size)
    handle.seek(size)
    return handle
