"""A headless Chromium, where the machine has one, and the console served to it."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from data.policy import load_policy
from models.classifier import ListingClassifier
from serving.app import create_app
from serving.gate import Gate
from serving.guard import Guard
from serving.store import Store

CHROMIUM = os.environ.get("PABEAN_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium by Playwright; PABEAN_CHROMIUM may name its executable."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as tool:
        if CHROMIUM is None and not Path(tool.chromium.executable_path).exists():
            pytest.skip("no Chromium here; set PABEAN_CHROMIUM or run `playwright install chromium`")
        opened = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def console(tiny_model: ListingClassifier, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the console over the tiny model."""
    folder = tmp_path_factory.mktemp("console")
    gate = Gate(tiny_model, load_policy(), Store(f"sqlite:///{folder / 'store.sqlite3'}"))
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(Guard(create_app(gate)), port=port, log_level="warning"))  # type: ignore[arg-type]
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(timeout=10)
    gate.close()


@pytest.fixture
def page(browser: Any, console: str) -> Iterator[Any]:
    """A tab whose scripts' and console's complaints fail the test."""
    context = browser.new_context(base_url=console, viewport={"width": 1280, "height": 900})
    opened = context.new_page()
    complaints: list[str] = []
    opened.on("console", lambda message: complaints.append(message.text))
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
    yield opened
    context.close()
    assert complaints == []
