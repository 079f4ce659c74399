"""How often a key may call."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient

from serving.app import create_app
from serving.errors import ApiError
from serving.gate import Gate
from serving.guard import Guard
from serving.keys import Access, KeyRing, Role
from serving.keys.rate import Limiter
from serving.settings import RATE, Settings


def taken(limiter: Limiter, key: str, most: int = 1000) -> int:
    """How many calls pass at once."""
    for number in range(most):
        try:
            limiter.take(key)
        except ApiError:
            return number
    return most


def test_a_bucket_fills_evenly_and_never_over() -> None:
    now = [1000.0]
    limiter = Limiter(60, lambda: now[0])
    assert taken(limiter, "a") == 60
    assert taken(limiter, "a") == 0
    assert taken(limiter, "b") == 60
    now[0] += 2.5
    assert taken(limiter, "a") == 2
    now[0] += 3600
    assert taken(limiter, "a") == 60
    assert taken(Limiter(0), "a") == 1000


@pytest.mark.parametrize(("rate", "seconds"), [(1, "60"), (6, "10"), (600, "1")])
def test_it_says_when_to_come_back(rate: int, seconds: str) -> None:
    limiter = Limiter(rate, lambda: 0.0)
    assert taken(limiter, "a") == rate
    with pytest.raises(ApiError) as refused:
        limiter.take("a")
    assert refused.value.headers["retry-after"] == seconds


def test_a_key_that_calls_too_often_is_429_and_others_are_not(
    gate: Gate, key_file: Path, keys: dict[Role, str]
) -> None:
    client = TestClient(
        Guard(create_app(gate), access=Access(KeyRing(key_file), rate=3)), base_url="http://gate.example"
    )
    busy, other = ({"authorization": f"Bearer {keys[role]}"} for role in (Role.submit, Role.moderate))
    assert client.get("/v1/feedback", headers=busy).status_code == 403
    assert [client.get("/v1/model", headers=busy).status_code for _ in range(2)] == [200, 200]
    refused = client.get("/v1/model", headers=busy)
    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "too_many_requests"
    assert refused.headers["retry-after"] == "20"
    assert client.get("/v1/model", headers=other).status_code == 200
    assert client.get("/readyz", headers=busy).status_code == 404  # open; in process there is no such page


def test_the_rate_is_a_setting() -> None:
    assert Settings.from_environment({}).rate == RATE == 600
    assert Settings.from_environment({"PABEAN_RATE": "0"}).rate == 0
    for wrong in ("-1", "many", "1.5", "\u0663"):
        with pytest.raises(ValueError, match="PABEAN_RATE"):
            Settings.from_environment({"PABEAN_RATE": wrong})
