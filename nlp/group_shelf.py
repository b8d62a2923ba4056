"""Where grouping keeps its events: the ones in use in memory, the others packed in a file."""

from __future__ import annotations

import pickle
import sqlite3
from collections import OrderedDict
from contextlib import suppress
from datetime import datetime

from nlp.group_event import Known

#: Events kept unpacked. A province meets some hundreds in a week.
HOT = 2_000
_STATEMENTS = (
    "CREATE TABLE event (number INTEGER PRIMARY KEY, packed BLOB NOT NULL)",
    "INSERT OR REPLACE INTO event VALUES (?, ?)",
    "SELECT packed FROM event WHERE number = ?",
    "DELETE FROM event WHERE number = ?",
)
_CREATE, _PUT, _GET, _DROP = _STATEMENTS


class Shelf:
    """Events by number. Memory is that of the `hot` used last, and a few words of each other.

    The file is SQLite's own for passing data: it has no name, lies in the folder for such
    files, and ends with the process. Nothing in it is the only copy of anything; where it
    cannot be written (a full disk), events stay in memory. For one thread at a time, and
    not across a fork.
    """

    def __init__(self, hot: int = HOT) -> None:
        self._room = hot
        self._hot: OrderedDict[int, Known] = OrderedDict()
        self._last: dict[int, datetime] = {}
        self._changed: set[int] = set()
        self._file = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._file.execute("PRAGMA cache_size = -512")
        self._file.execute(_CREATE)

    def __len__(self) -> int:
        """The number of events."""
        return len(self._last)

    def __contains__(self, number: object) -> bool:
        return number in self._last

    def get(self, number: int) -> Known | None:
        """Return an event to look at, None where there is none. Changes are told by `put`."""
        if number not in self._last:
            return None
        event = self._hot.get(number)
        if event is not None:
            self._hot.move_to_end(number)
            return event
        (packed,) = self._file.execute(_GET, (number,)).fetchone()
        event = self._hot[number] = _unpacked(packed)
        self._make_room()
        return event

    def __getitem__(self, number: int) -> Known:
        """Return an event; KeyError where there is none."""
        event = self.get(number)
        if event is None:
            raise KeyError(number)
        return event

    def put(self, number: int, event: Known) -> None:
        """Keep an event that is new or was changed."""
        self._hot[number] = event
        self._hot.move_to_end(number)
        self._last[number] = event.last
        self._changed.add(number)
        self._make_room()

    def forget_before(self, moment: datetime) -> bool:
        """Forget every event whose last item is older; say whether there was one."""
        old = [number for number, last in self._last.items() if last < moment]
        for number in old:
            del self._last[number]
            self._hot.pop(number, None)
            self._changed.discard(number)
        with suppress(sqlite3.OperationalError):  # what cannot be dropped is never asked for
            self._file.executemany(_DROP, [(number,) for number in old])
        return bool(old)

    def _make_room(self) -> None:
        while len(self._hot) > self._room:
            number = next(iter(self._hot))
            if number in self._changed:
                packed = pickle.dumps(self._hot[number], pickle.HIGHEST_PROTOCOL)
                try:
                    self._file.execute(_PUT, (number, packed))
                except sqlite3.OperationalError:
                    return
                self._changed.discard(number)
            del self._hot[number]


def _unpacked(packed: bytes) -> Known:
    event: Known = pickle.loads(packed)  # noqa: S301 (written by this very process)
    return event
