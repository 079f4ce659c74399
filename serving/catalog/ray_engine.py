"""Scoring on Ray Data: Parquet to Parquet, one model a worker, the same results as the local engine.

The work is cut into row groups. A first pass finds ids that are there twice (the first valid listing
stands, in the order of the files, as in the local engine); a second scores each row group into a part
file of its own, named by its place, so that a part lost with its worker is simply written again.
"""

from __future__ import annotations

import os
import time
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from pyarrow import fs

from data.files import Reject
from serving.catalog.checkpoint import OutputError
from serving.catalog.formats import SCHEMA, flat
from serving.catalog.model import load_model
from serving.catalog.pieces import Piece, cut_up, digests_of, filesystem, repeated
from serving.catalog.run import CHUNK
from serving.catalog.summary import Summary, Tally
from serving.catalog.work import LoadModel, Scorer, ScoreSpec, Versions
from serving.clock import today

PART = "part-{number:06d}"


def score_on_ray(
    source: str | Path,
    out: str | Path,
    *,
    model: str | None = None,
    policy: Path | None = None,
    as_of: date | None = None,
    workers: int | None = None,
    load: LoadModel | None = None,
) -> Summary:
    """Score Parquet files on Ray, on this machine or the cluster that ``ray.init`` finds (``RAY_ADDRESS``).

    Parameters
    ----------
    source, out : directories or files, as paths or URIs of any filesystem that pyarrow knows. ``out`` becomes
        a directory of part files in the order of the input; rejects and summary are written beside it.
    workers : models that run at once; None: one a processor of the cluster.
    model, policy : must be found under the same name on every node.

    Raises
    ------
    OutputError, FileError
        Where Ray is not installed or gives up, or input or output cannot be used.
    """
    ray = _ray()
    start = time.perf_counter()
    day = as_of or today()
    source, out = str(source), str(out)
    pieces, unknown = cut_up(source)
    files, folder = filesystem(out)
    if files.get_file_info(folder).type != fs.FileType.NotFound:
        raise OutputError(f"{out}: is there already; the parts of a new run would mix with it")
    files.create_dir(folder)
    spec = ScoreSpec(load or partial(load_model, model), policy, day, "parquet")
    data = ray.data.from_items([{"piece": piece} for piece in pieces], override_num_blocks=max(len(pieces), 1))
    doubles = repeated(_all(data.map(digests_of))) if pieces else {}
    count = workers or max(int(ray.cluster_resources().get("CPU", 1)), 1)
    pool = ray.data.ActorPoolStrategy(size=min(count, max(len(pieces), 1)))
    scored = _all(data.map(PieceScorer, fn_constructor_args=(spec, out, doubles), compute=pool)) if pieces else []
    tally = Tally()
    for row in scored:
        tally.add(Tally.from_json(orjson.loads(row["tally"])))
    with files.open_output_stream(f"{folder}.rejects.jsonl") as handle:
        for row in scored:
            handle.write(row["rejects"])
    versions = Versions(scored[0]["policy"], scored[0]["model"]) if scored else spec.make().versions
    seconds = time.perf_counter() - start
    rows = tally.scored + tally.rejected
    summary = Summary(
        input=source, output=out, rows=rows, **tally.as_json(), unknown_columns=unknown, seconds=round(seconds, 3),
        rows_per_second=round(rows / seconds, 1), as_of=day.isoformat(), model_version=versions.model,
        policy_version=versions.policy,
    )  # fmt: skip
    with files.open_output_stream(f"{folder}.summary.json") as handle:
        handle.write(orjson.dumps(summary.as_json(), option=orjson.OPT_INDENT_2))
    return summary


class PieceScorer:
    """Scores pieces in a Ray actor, which holds one model."""

    def __init__(self, spec: ScoreSpec, out: str, doubles: dict[int, frozenset[int]]) -> None:
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        self._scorer: Scorer = spec.make()
        self._files, self._folder = filesystem(out)
        self._doubles = doubles

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Writes the piece's part file; its counts and rejects."""
        piece: Piece = row["piece"]
        items = piece.items(self._doubles.get(piece.number, frozenset()))
        tally, rejects = Tally(), b""
        name = f"{self._folder}/{PART.format(number=piece.number)}"
        with (
            self._files.open_output_stream(f"{name}.tmp") as handle,
            pq.ParquetWriter(handle, SCHEMA, compression="zstd") as writer,
        ):
            for at in range(0, len(items), CHUNK):
                outcomes = self._scorer.outcomes(items[at : at + CHUNK])
                results = [outcome for outcome in outcomes if not isinstance(outcome, Reject)]
                for result in results:
                    tally.count(result)
                for outcome in outcomes:
                    if isinstance(outcome, Reject):
                        tally.rejected += 1
                        rejects += orjson.dumps(outcome.as_json(), option=orjson.OPT_APPEND_NEWLINE)
                if results:
                    writer.write_table(pa.Table.from_pylist([flat(result) for result in results], SCHEMA))
        self._files.move(f"{name}.tmp", f"{name}.parquet")
        versions = self._scorer.versions
        return {
            "number": piece.number, "tally": orjson.dumps(tally.as_json()), "rejects": rejects,
            "policy": versions.policy, "model": versions.model,
        }  # fmt: skip


def _ray() -> Any:
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    try:
        import ray
        import ray.data
    except ImportError as error:
        hint = "pip install 'pabean[ray]'"
        raise OutputError(f"--engine ray needs Ray, which is not installed: {hint} ({error})") from None
    if not ray.is_initialized():
        here = str(Path(__file__).resolve().parents[2])
        paths = os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])])
        environment = {"PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        ray.init(include_dashboard=False, log_to_driver=False, runtime_env={"env_vars": environment})
    ray.data.DataContext.get_current().enable_progress_bars = False
    return ray


def _all(data: Any) -> list[dict[str, Any]]:
    """Runs a pass; its rows in the order of the pieces."""
    from ray.exceptions import RayError

    try:
        rows: list[dict[str, Any]] = data.take_all()
    except RayError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip()]
        raise OutputError(f"Ray gave up: {lines[-1] if lines else type(error).__name__}") from error
    return sorted(rows, key=lambda row: int(row["number"]))
