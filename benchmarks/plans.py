"""What the planner of PostgreSQL does with each statement that a piece of work sends.

While a `Watch` looks on, every statement is first explained with its own parameters, in a
savepoint that is taken back, so that what it writes is written once. A plan has faults where
it reads a big table from end to end, throws most of what it reads away, or sorts on disk.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, event, text

#: Tables of more rows than this are big, and so many rows read for nothing are many.
BIG = 10_000
#: A statement that takes longer is slow, milliseconds.
SLOW_MS = 100.0
#: Where a filter lets more than this share of a table pass, to read it from end to end is right.
FEW = 0.05
#: So often one statement is explained in one piece of work: its parameters differ.
_TRIES = 3
_LIST = re.compile(r"\((%\(\w+\)s(::\w+)*(, )?)+\)")
_COUNTER = re.compile(r"%\(\w+\)s(::\w+)*")
_WORDS = ("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")


@dataclass(frozen=True)
class Plan:
    """The plan of one statement. `name` is the function of `storage` that sent it.

    `steps` are what it reads, by index; `scans` the big tables that it reads from end to end to
    use few of their rows or to count them, `wasted` how many rows its greediest step read and threw away, `spilled` says that a sort
    or a hash went to disk. `blocks` are pages of 8 KiB that it touched.
    """

    name: str
    sql: str
    ms: float
    steps: tuple[str, ...]
    scans: tuple[str, ...]
    wasted: int
    spilled: bool
    blocks: int

    @property
    def faults(self) -> list[str]:
        """Say what is wrong with it; slowness alone is not of the plan and is told apart."""
        found = [f"reads all of {table}" for table in self.scans]
        if self.wasted > BIG:
            found.append(f"throws {self.wasted:,} rows away")
        return found + (["sorts on disk"] if self.spilled else [])


class Watch:
    """Explains what a database is sent; for the engine's whole life, `on` while it is asked to."""

    def __init__(self, engine: Engine, big: int = BIG, few: float = FEW) -> None:
        self._engine, self._few = engine, few
        self._busy = False
        self._plans: dict[tuple[str, str], list[Plan]] = {}
        with engine.connect() as connection:
            query = (
                "SELECT relname, reltuples FROM pg_class WHERE relkind = 'r' AND reltuples > :big"
            )
            self.big_tables = dict(connection.execute(text(query), {"big": big}).tuples().all())

    @contextmanager
    def on(self) -> Iterator[list[Plan]]:
        """Explain what is sent meanwhile; the list is full afterwards, slowest plans first."""
        self._plans, found = {}, list[Plan]()
        event.listen(self._engine, "before_cursor_execute", self._note)
        try:
            yield found
        finally:
            event.remove(self._engine, "before_cursor_execute", self._note)
        worst = (max(plans, key=_badness) for plans in self._plans.values())
        found += sorted(worst, key=lambda plan: -plan.ms)

    def _note(
        self, connection: Any, _cursor: Any, statement: str, parameters: Any, _: Any, __: bool
    ) -> None:
        if self._busy or not statement.startswith(_WORDS) or "pg_class" in statement:
            return
        plain = _COUNTER.sub("?", _LIST.sub("(…)", statement))
        plans = self._plans.setdefault((_sender(), plain), [])
        if len(plans) >= _TRIES:
            return
        self._busy = True
        try:
            first = parameters[0] if isinstance(parameters, list) else parameters
            told = self._explain(connection, statement, first)
        finally:
            self._busy = False
        plans.append(self._plan(plain, told))

    def _explain(self, connection: Any, statement: str, parameters: Any) -> dict[str, Any]:
        with connection.connection.driver_connection.cursor() as cursor:
            cursor.execute("SAVEPOINT looked_at")
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {statement}", parameters)
            told: dict[str, Any] = cursor.fetchone()[0][0]
            cursor.execute("ROLLBACK TO SAVEPOINT looked_at")
            cursor.execute("RELEASE SAVEPOINT looked_at")
        return told

    def _plan(self, plain: str, told: dict[str, Any]) -> Plan:
        nodes = list(_nodes(told["Plan"]))
        return Plan(
            name=_sender(),
            sql=" ".join(plain.split()),
            ms=told["Execution Time"] + told["Planning Time"],
            steps=tuple(dict.fromkeys(filter(None, map(_step, nodes)))),
            scans=tuple(
                sorted(
                    {
                        node["Relation Name"]
                        for node in nodes
                        if node["Node Type"] == "Seq Scan"
                        and node["Relation Name"] in self.big_tables
                        and not self._is_right(node)
                    }
                )
            ),
            wasted=max(map(_wasted, nodes)),
            spilled=any(map(_spilled, nodes)),
            blocks=told["Plan"]["Shared Hit Blocks"] + told["Plan"]["Shared Read Blocks"],
        )

    def _is_right(self, node: dict[str, Any]) -> bool:
        """Say whether a scan chooses so many of a table's rows that an index would not help."""
        used = node["Actual Rows"] * node["Actual Loops"]
        return "Filter" in node and used >= self._few * self.big_tables[node["Relation Name"]]


def _nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for inner in node.get("Plans", ()):
        yield from _nodes(inner)


def _step(node: dict[str, Any]) -> str:
    kind = node["Node Type"].removesuffix(" Scan").removesuffix(" Only").lower()
    if "Index Name" in node:
        return f"{node['Index Name']}"
    if kind == "seq":
        return f"all of {node['Relation Name']}"
    return kind if kind in ("sort", "incremental sort", "hash join", "merge join") else ""


def _wasted(node: dict[str, Any]) -> int:
    lost = sum(value for name, value in node.items() if name.startswith("Rows Removed by"))
    return int(lost * node.get("Actual Loops", 1))


def _spilled(node: dict[str, Any]) -> bool:
    return node.get("Sort Space Type") == "Disk" or node.get("Hash Batches", 1) > 1


def _badness(plan: Plan) -> tuple[int, float]:
    return len(plan.faults), plan.ms


def _sender() -> str:
    """Return the function of `storage` that is sending, "module.function"; else who else is."""
    frame = sys._getframe(1)
    other = ""
    while frame is not None:
        file, name = frame.f_code.co_filename, frame.f_code.co_name
        if "/storage/" in file and not name.startswith("<"):
            return f"{file.rpartition('/')[2].removesuffix('.py')}.{name}"
        if "/langnghe/" in file and not other:
            other = f"{file.rpartition('/')[2].removesuffix('.py')}.{name}"
        frame = frame.f_back  # type: ignore[assignment]
    return other or "?"
