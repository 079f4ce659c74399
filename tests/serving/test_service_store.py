"""The record: chained, whole, and no decision without it."""

from __future__ import annotations

import argparse
import json
import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import delete, text, update
from starlette.testclient import TestClient

from data.policy import load_policy
from serving.app import create_app
from serving.batcher import Batcher, Overloaded
from serving.gate import Gate
from serving.guard import Guard
from serving.store import Entry, Store, StoreDown
from serving.store.audit import add_audit_commands, verify
from serving.store.tables import decisions

LISTING = {"id": "A-1", "title": "Hijab voal"}


def entry(number: int, decision: str = "approve") -> Entry:
    return Entry(f"r{number}", f"L-{number}", decision, "m-1", "p-1", "2026-11-24", '{"id": "x"}', '{"decision": "x"}')


def fill(store: Store, count: int) -> None:
    for number in range(count):
        store.record([entry(number)]).result(timeout=10)


def test_the_chain_holds_over_groups_and_writers(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'shared.sqlite3'}"
    stores = [Store(url), Store(url)]

    def write(store: Store, start: int) -> None:
        for future in [store.record([entry(start + i), entry(start + i + 500)]) for i in range(25)]:
            future.result(timeout=30)

    threads = [threading.Thread(target=write, args=(store, 1000 * i)) for i, store in enumerate(stores)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = verify(stores[0].engine)
    assert (found.rows, found.fault) == (100, None)
    for store in stores:
        store.close()


@pytest.mark.parametrize("column", ["decision", "listing", "result", "at", "model_version", "as_of", "listing_id"])
def test_a_changed_row_is_found(store: Store, column: str) -> None:
    fill(store, 5)
    with store.engine.begin() as connection:
        connection.execute(update(decisions).where(decisions.c.seq == 3).values({column: "changed"}))
    found = verify(store.engine)
    assert not found.whole
    assert "decision 3" in str(found.fault)


@pytest.mark.parametrize("seq", [1, 3, 5])
def test_a_missing_row_is_found(store: Store, seq: int) -> None:
    fill(store, 5)
    with store.engine.begin() as connection:
        connection.execute(delete(decisions).where(decisions.c.seq == seq))
    assert f"decision {seq} is missing" == verify(store.engine).fault


def test_a_store_that_is_down_means_503_and_no_decision(tmp_path: Path, gate: Gate) -> None:
    down = Store(f"sqlite:///{tmp_path / 'not' / 'there' / 'store.sqlite3'}")
    broken = Gate(gate.classifier, load_policy(), down)
    with TestClient(Guard(create_app(broken)), base_url="http://127.0.0.1") as client:
        for path, sent in [
            ("/v1/moderate", {"listings": [LISTING]}),
            ("/v1/feedback", {"id": "a", "verdict": "reject"}),
        ]:
            answer = client.post(path, json=sent)
            assert answer.status_code == 503
            assert answer.json()["error"]["code"] == "store_unavailable"
            assert "results" not in answer.json()
            assert answer.headers["retry-after"]
        assert client.get("/ui/decisions").status_code == 503
        assert client.post("/v1/classify", json={"listings": [LISTING]}).status_code == 200
        assert not down.ready()
        (tmp_path / "not" / "there").mkdir(parents=True)
        assert client.post("/v1/moderate", json={"listings": [LISTING]}).status_code == 200
        assert down.ready()
    broken.close()


def test_a_write_that_fails_halfway_leaves_nothing(client: TestClient, store: Store) -> None:
    client.post("/v1/moderate", json={"listings": [LISTING]})
    with store.engine.begin() as connection:
        when = "create trigger full before insert on decisions when new.listing_id = 'L-1'"
        connection.execute(text(f"{when} begin select raise(abort, 'full'); end"))
    with pytest.raises(StoreDown):
        store.record([entry(0), entry(1)]).result(timeout=10)
    assert verify(store.engine).rows == 1
    with store.engine.begin() as connection:
        connection.execute(text("drop trigger full"))
    store.record([entry(0), entry(1)]).result(timeout=10)
    assert verify(store.engine).rows == 3


def test_audit_commands(store: Store, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fill(store, 3)
    parser = argparse.ArgumentParser()
    add_audit_commands(parser.add_subparsers(required=True))
    url, out = str(store.engine.url), tmp_path / "out.jsonl"

    def run(*arguments: str) -> int:
        args = parser.parse_args([*arguments, "--database", url])
        return int(args.run(args))

    assert run("audit", "verify") == 0
    assert run("audit", "export", str(out)) == 0
    assert [json.loads(line)["seq"] for line in out.read_text().splitlines()] == [1, 2, 3]
    assert run("audit", "export", str(out), "--to", "2001-01-01") == 0
    assert out.read_text() == ""
    with store.engine.begin() as connection:
        connection.execute(update(decisions).where(decisions.c.seq == 2).values(decision="reject"))
    assert run("audit", "verify") == 1
    assert "breaks after 1 decisions" in capsys.readouterr().out


def test_a_batcher_refuses_what_it_cannot_hold() -> None:
    gate = threading.Event()
    batcher: Batcher[int, int] = Batcher(
        "test", lambda items: [gate.wait(10) and item for item in items], lambda _: 1, most=1, waiting=2
    )
    futures = [batcher.submit(0)]
    while batcher.waiting():  # until the thread holds the first, and two may wait
        time.sleep(0.001)
    futures += [batcher.submit(1), batcher.submit(2)]
    with pytest.raises(Overloaded):
        batcher.submit(3)
    gate.set()
    assert [future.result(timeout=10) for future in futures] == list(range(len(futures)))
    batcher.close()
