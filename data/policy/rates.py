"""Exchange rates: a dated table, and how old a rate may be on the day it is used."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from data.tables import TableError, read_table

COLUMNS = ("date", "currency", "idr", "usd", "source")
HOME_CURRENCY = "IDR"
TOLERANCE = 0.02
"""Most by which ``idr / usd`` of a row may differ from the day's rupiah per dollar: a slip of a digit shows."""


class RateError(ValueError):
    """No usable rate; ``kind`` is ``missing`` or ``stale``."""

    def __init__(self, kind: str, currency: str) -> None:
        super().__init__(f"{kind} exchange rate for {currency}")
        self.kind = kind
        self.currency = currency


@dataclass(frozen=True)
class Rate:
    """What one unit of ``currency`` was worth from ``day`` on, in rupiah and in US dollars."""

    day: date
    currency: str
    idr: float
    usd: float
    source: str


class Rates:
    """Rates of many days, looked up as they stood on one.

    Parameters
    ----------
    rows : any order; of two for the same day and currency the later counts.
    max_age_days : greatest age of a rate that may still be used.
    """

    def __init__(self, rows: Iterable[Rate], max_age_days: int) -> None:
        self.rows = tuple(sorted(rows, key=lambda rate: (rate.currency, rate.day)))
        self.max_age_days = max_age_days
        self._days: dict[str, list[date]] = {}
        self._rates: dict[str, list[Rate]] = {}
        for rate in self.rows:
            self._days.setdefault(rate.currency, []).append(rate.day)
            self._rates.setdefault(rate.currency, []).append(rate)

    @property
    def currencies(self) -> tuple[str, ...]:
        """All currencies of the table, sorted."""
        return tuple(sorted(self._rates))

    def find(self, currency: str, as_of: date) -> Rate:
        """The latest rate not after ``as_of``.

        Raises
        ------
        RateError
            Where there is none, or it is older than ``max_age_days``.
        """
        place = bisect_right(self._days.get(currency, []), as_of)
        if place == 0:
            raise RateError("missing", currency)
        rate = self._rates[currency][place - 1]
        if (as_of - rate.day).days > self.max_age_days:
            raise RateError("stale", currency)
        return rate

    def convert(self, amount: float, source: str, target: str, as_of: date) -> float:
        """``amount`` of ``source`` in ``target``, by way of the rupiah, as customs does.

        Raises
        ------
        RateError
            Where one of the two rates is missing or stale; none is needed between equal currencies.
        """
        if source == target:
            return amount
        return amount * self.find(source, as_of).idr / self.find(target, as_of).idr


def load_rates(path: Path) -> list[Rate]:
    """All rows of a rates table.

    Raises
    ------
    TableError
        Where a day or number cannot be read, a rate is not positive, or the rupiah and dollar columns
        disagree by more than ``TOLERANCE``.
    """
    rows: list[tuple[int, Rate]] = []
    for number, row in read_table(path, COLUMNS):
        try:
            rate = Rate(
                day=date.fromisoformat(row["date"]),
                currency=row["currency"],
                idr=float(row["idr"]),
                usd=float(row["usd"]),
                source=row["source"],
            )
        except ValueError as error:
            raise TableError(f"{path.name}:{number}: {error}") from None
        if len(rate.currency) != 3 or not rate.currency.isupper():
            raise TableError(f"{path.name}:{number}: currency {rate.currency!r} is no ISO 4217 code")
        if not (0 < rate.idr < float("inf") and 0 < rate.usd < float("inf")):
            raise TableError(f"{path.name}:{number}: a rate must be a positive number")
        rows.append((number, rate))
    dollar = {rate.day: rate.idr for _, rate in rows if rate.currency == "USD"}
    for number, rate in rows:
        if rate.day in dollar and abs(rate.idr / rate.usd / dollar[rate.day] - 1) > TOLERANCE:
            raise TableError(f"{path.name}:{number}: idr and usd disagree with the dollar's rate of that day")
    return [rate for _, rate in rows]
