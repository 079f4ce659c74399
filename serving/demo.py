"""``make demo``: the real service, real samples, over HTTP, and what it decides."""

from __future__ import annotations

import contextlib
import csv
import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape

from serving.demo_table import STYLES, results_table
from serving.launch import HOST, serve_command, serve_environment
from serving.settings import MAX_LISTINGS

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "samples"
START_SECONDS = 90
FIELDS_AS_JSON = {"attributes", "price", "cross_border"}
BUILT_IN: list[dict[str, Any]] = [
    {"id": "demo-1", "title": "Pashmina ceruty babydoll premium import", "price": 35000, "ship_from": "CN"},
    {"id": "demo-2", "title": "Kopi bubuk arabika Gayo 250 gr", "price": 65000, "ship_from": "ID"},
    {"id": "demo-3", "title": "Running shoes men breathable mesh sneakers", "price": 189000, "ship_from": "CN"},
    {"id": "demo-4", "title": "Mukena katun Bali dewasa jumbo", "price": 120000, "ship_from": "CN"},
    {"id": "demo-5", "title": "Jaket thrift preloved second original", "price": 90000, "ship_from": "ID"},
    {"id": "demo-6", "title": "Batik tulis Pekalongan asli handmade", "price": 450000, "ship_from": "ID"},
]
WIDTH = 200


def main() -> int:
    """Starts the service with a store of its own, sends the samples, shows the answers; the exit status."""
    width = None if sys.stdout.isatty() else WIDTH
    console = Console(width=width)
    with tempfile.TemporaryDirectory(prefix="pabean-demo-") as folder, _service(Path(folder)) as base:
        if base is None:
            console.print("[red]the service did not start[/]; its log:")
            console.print(escape((Path(folder) / "service.log").read_text(encoding="utf-8", errors="replace")[-4000:]))
            return 1
        console.print(f"service ready at {base} (model and policy loaded, store in {folder})")
        listings = _samples(SAMPLES / "catalog.csv") or BUILT_IN
        answers = []
        began = time.perf_counter()
        for start in range(0, len(listings), MAX_LISTINGS):
            status, body = _post(f"{base}/v1/moderate", {"listings": listings[start : start + MAX_LISTINGS]})
            if status != 200:
                console.print(f"[red]the service answered {status}[/]: {escape(json.dumps(body))}")
                return 1
            answers.append(body)
        seconds = time.perf_counter() - began
        results = [result for body in answers for result in body["results"]]
        if [result["id"] for result in results] != [listing["id"] for listing in listings]:
            console.print("[red]the answers are not those to the questions[/]")
            return 1
        console.print(results_table(listings, results))
        counts = {name: sum(result["decision"] == name for result in results) for name in STYLES}
        console.print(
            f"{len(results)} listings in {seconds:.2f} s: "
            + ", ".join(f"[{STYLES[name]}]{count} {name}[/]" for name, count in counts.items())
            + f" · model {answers[0]['model_version']} · policy {answers[0]['policy_version']}"
        )
        return 0 if _show_faults(console, base) else 1


def _show_faults(console: Console, base: str) -> bool:
    """Sends the faulty samples in one call; whether it was refused in the contract's shape."""
    rows = _samples(SAMPLES / "faulty.csv")
    if not rows:
        return True
    status, body = _post(f"{base}/v1/moderate", {"listings": rows})
    error = body.get("error", {})
    console.print(
        f"\n{len(rows)} rows, some of them faulty, in one call: refused with {status} [b]{error.get('code')}[/]"
    )
    for fault in error.get("details", ()):
        row = rows[fault["index"]] if fault["index"] is not None else {}
        console.print(escape(f"  row {fault['index']} ({row.get('id', 'no id')}) {fault['field']}: {fault['message']}"))
    return status == 422 and bool(error.get("details"))


@contextlib.contextmanager
def _service(folder: Path) -> Iterator[str | None]:
    """The service on a free port of this machine, ready; None where it did not get ready."""
    port = _free_port()
    own = {"PABEAN_API_KEYS": "", "PABEAN_DATABASE_URL": f"sqlite:///{folder / 'demo.sqlite3'}"}
    environment = {**serve_environment(), **own}
    with (folder / "service.log").open("wb") as log:
        process = subprocess.Popen(
            serve_command(HOST, port), cwd=folder, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            base = f"http://{HOST}:{port}"
            yield base if _wait(process, base) else None
        finally:
            process.terminate()
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], base: str) -> bool:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{base}/readyz", timeout=5) as answer:
            if answer.status == 200:
                return True
        time.sleep(0.2)
    return False


def _post(url: str, value: Any) -> tuple[int, dict[str, Any]]:
    request = urllib.request.Request(url, json.dumps(value).encode(), {"content-type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def _samples(path: Path) -> list[dict[str, Any]]:
    """Rows of a sample file as listings; a cell that should hold JSON and does not goes as it is."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {name: _value(name, cell) for name, cell in row.items() if name and cell} for row in csv.DictReader(file)
        ]


def _value(name: str, cell: str) -> Any:
    if name in FIELDS_AS_JSON:
        with contextlib.suppress(ValueError):
            return json.loads(cell)
    return cell


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as found:
        found.bind((HOST, 0))
        return int(found.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
