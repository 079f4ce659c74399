"""The real service in processes of its own: ``bentoml serve`` as an operator starts it."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest
from sqlalchemy import select

from serving.launch import SERVICE, is_loopback, serve_command, serve_environment
from serving.store.audit import verify
from serving.store.engine import open_engine
from serving.store.tables import decisions


@dataclass
class Running:
    """A service that runs: its address, its process, its store."""

    base: str
    process: subprocess.Popen[bytes]
    database: str


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture
def running(tiny_bundle: Path, tmp_path: Path) -> Iterator[Running]:
    """The service over the tiny bundle; its working directory is not the checkout."""
    port, database = free_port(), f"sqlite:///{tmp_path / 'store.sqlite3'}"
    environment = {**serve_environment(), "PABEAN_MODEL": str(tiny_bundle), "PABEAN_DATABASE_URL": database}
    log = tmp_path / "log"
    with log.open("wb") as file:
        process = subprocess.Popen(serve_command(port=port), cwd=tmp_path, env=environment, stdout=file, stderr=file)
    base = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            try:
                if httpx.get(f"{base}/readyz").status_code == 200:
                    break
            except httpx.TransportError:
                pass
            assert process.poll() is None, log.read_text()
            time.sleep(0.2)
        else:
            pytest.fail(log.read_text())
        yield Running(base, process, database)
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=30)


def test_the_served_calls(running: Running) -> None:
    with httpx.Client(base_url=running.base, timeout=30) as client:
        assert client.get("/livez").status_code == 200
        answer = client.post("/v1/moderate", json={"listings": [{"id": "a", "title": "hijab segiempat voal"}]})
        assert answer.json()["results"][0]["hs"]["candidates"][0]["code"] == "621430"
        numbers = client.get("/metrics").text
        assert "bentoml_service_request" in numbers
        assert re.search(r'pabean_decisions_total\{decision="\w+"\} 1\.0', numbers)
        assert "/v1/moderate" in client.get("/docs.json").json()["paths"]
        assert client.get("/ui/?lang=en").status_code == 200
        pickled = {"content-type": "application/vnd.bentoml+pickle", "payload-container": "x"}
        for path, headers, content, status in [
            ("/v1/moderate", {}, b"{", 400), ("/nope", {}, b"{}", 404), ("/livez", {}, b"{}", 405),
            ("/v1/moderate", pickled, b"\x80\x04N.", 415), ("/v1/moderate", {}, b" " * (9 * 1024 * 1024), 413),
            ("/v1/moderate", {}, b'{"listings": []}', 422),
        ]:  # fmt: skip
            refused = client.post(path, content=content, headers={"content-type": "application/json", **headers})
            assert refused.status_code == status, path
            assert set(refused.json()["error"]) == {"code", "message", "details"}
            assert refused.headers["x-request-id"]


def test_every_acknowledged_decision_survives_kill_9(running: Running) -> None:
    acknowledged: list[str] = []
    stop = threading.Event()

    def send(name: int) -> None:
        with httpx.Client(base_url=running.base, timeout=30) as client:
            for number in range(10_000):
                listing = {"id": f"{name}-{number}", "title": "kopi bubuk arabika"}
                try:
                    answer = client.post("/v1/moderate", json={"listings": [listing]})
                except httpx.TransportError:
                    return
                if answer.status_code == 200:
                    acknowledged.append(listing["id"])
                if stop.is_set():
                    return

    threads = [threading.Thread(target=send, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(2)
    keeper = psutil.Process(running.process.pid)
    for process in [keeper, *keeper.children(recursive=True)]:
        process.kill()
    running.process.wait()
    stop.set()
    for thread in threads:
        thread.join()
    engine = open_engine(running.database)
    assert verify(engine).whole
    with engine.connect() as connection:
        stored = set(connection.scalars(select(decisions.c.listing_id)))
    assert acknowledged
    assert set(acknowledged) <= stored


def test_a_service_that_cannot_load_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    environment = {**serve_environment(), "PABEAN_MODEL": str(tmp_path / "empty")}
    script = "from serving.launch import serve; serve()"
    found = subprocess.run(
        [sys.executable, "-c", script], env=environment, cwd=tmp_path, capture_output=True, text=True
    )
    assert found.returncode != 0
    assert "is not a bundle" in found.stderr


def test_it_listens_to_this_machine_only_unless_told_otherwise() -> None:
    from serving.service import ListingGate

    assert ListingGate.config["http"]["host"] == "127.0.0.1"
    command = serve_command()
    assert command[command.index("--host") + 1] == "127.0.0.1"
    assert SERVICE in command
    assert is_loopback("localhost")
    assert is_loopback("::1")
    assert not is_loopback("0.0.0.0")
