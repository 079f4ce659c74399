"""The keys that are good now: the file, read again whenever it changes."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from serving.keys.key_file import read_keys
from serving.keys.records import KeyFileError, KeyRecord, Role, digest, key_id

log = logging.getLogger("bentoml.pabean")
NOBODY = KeyRecord("", "", Role.submit, "0" * 32, "0" * 64, "", revoked="never was")
Signature = tuple[int, int, int]


class KeyRing:
    """Finds keys. A file that breaks while the service runs changes nothing: the keys read last stay good."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: Signature | None = None
        self._records: dict[str, KeyRecord] | None = None
        self._lock = threading.Lock()

    def find(self, key: str) -> KeyRecord | None:
        """The record of a key that is good.

        Raises
        ------
        KeyFileError
            Where the file could not be read once since the start.
        """
        record = self._current().get(key_id(key))
        if record is None:
            digest(NOBODY.salt, key)  # a number that does not exist takes as long as one that does
            return None
        return record if record.matches(key) else None

    def get(self, number: str) -> KeyRecord | None:
        """The record of a good key by its public number; raises as :meth:`find`."""
        record = self._current().get(number)
        return record if record is not None and record.revoked is None else None

    def count(self) -> int:
        """How many keys are good; raises as :meth:`find`."""
        return sum(record.revoked is None for record in self._current().values())

    def _current(self) -> dict[str, KeyRecord]:
        seen = self._signature()
        records = self._records
        if records is not None and seen == self._seen:
            return records
        with self._lock:
            try:
                records = {record.id: record for record in read_keys(self._path)}
            except KeyFileError as error:
                if self._records is None:
                    raise
                if seen != self._seen:
                    log.error("the keys read last stay in force: %s", error)
                records = self._records
            self._records, self._seen = records, seen
        return records

    def _signature(self) -> Signature | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
