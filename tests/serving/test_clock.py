"""Which day it is, and how a day is written."""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo

import pytest

from serving import clock
from serving.clock import read_day, today


class LateEvening(datetime):
    """Six in the evening in Greenwich: the next day has begun in Jakarta."""

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> LateEvening:
        return cls(2026, 10, 17, 18, 0, tzinfo=UTC).astimezone(tz)


def test_today_is_the_day_in_jakarta(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "datetime", LateEvening)
    assert today() == read_day(None) == date(2026, 10, 18)


def test_a_day_is_written_in_one_way() -> None:
    assert read_day("2026-10-17") == date(2026, 10, 17)
    for text in ("20261017", "2026-W42-6", "2026-10-17T00:00", " 2026-10-17", "2026-02-30", "２０２６-10-17", ""):
        with pytest.raises(ValueError, match="no day"):
            read_day(text)
