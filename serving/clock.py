"""Days: what day it is where the rules apply, and how a day is written."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

JAKARTA = timezone(timedelta(hours=7), "WIB")
"""Asia/Jakarta; no summer time, and no need of the machine's own table of zones."""
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def today() -> date:
    """Today in Jakarta, whatever the machine's clock is set to: the day whose rules count where none is named."""
    return datetime.now(JAKARTA).date()


def read_day(text: str | None) -> date:
    """A day written YYYY-MM-DD, and in no other way; today in Jakarta where there is none.

    Raises
    ------
    ValueError
        Where it is no such day.
    """
    if text is None:
        return today()
    try:
        if DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise ValueError("is no day; write YYYY-MM-DD")
