"""RabbitMQ through Celery: which queues there are, and what they promise.

Quorum queues, acknowledged after the work, publisher confirms, no results kept. What was
delivered too often goes to the queue `….dead`, where a person finds it; the work itself is
found again by the sweep, for it stands in the tables.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from threading import Lock

from amqp.exceptions import ChannelError
from celery import Celery
from kombu.entity import Exchange, Queue
from kombu.exceptions import KombuError, OperationalError
from kombu.messaging import Producer

from config.errors import ConfigError
from config.settings import ClusterSettings
from langnghe.cluster.hints import QUEUES, Hint
from langnghe.logs import logger

log = logger(__name__)
#: After so many deliveries without an end a hint is put aside.
_DELIVERIES = 5
#: A hint that nobody took for so long is forgotten; the sweep sends another.
_EXPIRES_S = 600.0
#: One task may take so long. A crawl ends itself before.
_SOFT_S, _HARD_S = 1500, 1600
_WAIT_S = 4.0
#: The broker confirms a hint within this time, or is taken for gone.
_CONFIRM_S = 20.0


class Broker:
    """The way of hints. Built from the settings; nothing is connected yet."""

    def __init__(self, settings: ClusterSettings) -> None:
        if not settings.broker_url:
            raise ConfigError(["langnghe.toml: cluster.broker_url: missing (amqp://…)"])
        self._name = settings.name
        self._one_at_a_time = Lock()
        self._line: tuple[int, Producer] | None = None  # of which process, and what it sends by
        self._dead = Exchange(f"{settings.name}.dead", type="fanout")
        self.queues = {short: self._queue(short) for short in sorted(set(QUEUES.values()))}
        self.celery = Celery("langnghe", broker=settings.broker_url, set_as_current=False)
        self.celery.conf.update(
            task_acks_late=True,
            task_reject_on_worker_lost=True,
            task_acks_on_failure_or_timeout=True,  # the sweep tries again, not the broker at once
            task_ignore_result=True,
            task_serializer="json",
            accept_content=["json"],
            task_queues=list(self.queues.values()),
            task_default_queue=self.full("crawl"),
            task_default_queue_type="quorum",
            worker_detect_quorum_queues=True,
            broker_transport_options={"confirm_publish": True},
            broker_connection_timeout=_WAIT_S,
            broker_connection_retry_on_startup=True,
            broker_connection_max_retries=None,
            broker_heartbeat=30,
            worker_prefetch_multiplier=1,
            worker_max_tasks_per_child=5000,
            worker_max_memory_per_child=settings.worker_mb * 1024,
            worker_hijack_root_logger=False,
            worker_redirect_stdouts=False,
            worker_send_task_events=False,
            task_soft_time_limit=_SOFT_S,
            task_time_limit=_HARD_S,
            enable_utc=True,
        )

    def full(self, short: str) -> str:
        """Return the name of a queue as the broker knows it."""
        return f"{self._name}.{short}"

    def declare(self) -> None:
        """Make the queues, and the one for what cannot be done. Raises OSError, KombuError."""
        dead = Queue(
            self._dead.name, self._dead, queue_arguments={"x-queue-type": "quorum"}, durable=True
        )
        with self.celery.connection_for_write(connect_timeout=_WAIT_S) as connection:
            for queue in (*self.queues.values(), dead):
                queue(connection.default_channel).declare()

    def send(self, hints: Iterable[Hint]) -> int:
        """Publish hints, each confirmed by the broker; return how many got away.

        Where the broker cannot be reached the rest is left to the sweep.
        """
        waiting = deque(hints)
        asked = len(waiting)
        with self._one_at_a_time:
            tries = 2 if self._line else 1  # a connection that stood idle may have died unnoticed
            while waiting and tries:
                tries -= 1
                try:
                    self._publish(waiting)
                except (KombuError, OperationalError, OSError) as error:
                    self._hang_up()
                    if not tries:
                        log.error("hints not sent", error=type(error).__name__, left=len(waiting))
        return asked - len(waiting)

    def asked(self) -> dict[str, int] | None:
        """Return how many messages each queue holds, "dead" too; None where it cannot be asked.

        Messages being worked on do not count. A queue that nobody declared yet is left out.
        """
        found = {}
        try:
            with self.celery.connection_for_read(connect_timeout=_WAIT_S) as connection:
                for short, queue in (*self.queues.items(), ("dead", Queue(self._dead.name))):
                    with suppress(ChannelError):
                        bound = queue(connection.channel())
                        found[short] = bound.queue_declare(passive=True).message_count
        except (KombuError, OperationalError, OSError) as error:
            log.error("broker cannot be asked", error=type(error).__name__)
            return None
        return found

    def idle(self) -> frozenset[str]:
        """Return the queues that hold no message; none where the broker cannot be asked."""
        return frozenset(short for short, depth in (self.asked() or {}).items() if depth == 0)

    def _publish(self, waiting: deque[Hint]) -> None:
        """Publish hints, and take from `waiting` each that the broker confirmed."""
        producer = self._producer()
        while waiting:
            self.celery.send_task(
                f"langnghe.{waiting[0].stage}",
                kwargs=dict(waiting[0].args),
                queue=self.full(waiting[0].queue),
                expires=_EXPIRES_S,
                producer=producer,
                confirm_timeout=_CONFIRM_S,
                retry=False,
            )
            waiting.popleft()

    def _producer(self) -> Producer:
        """Return what publishes: on the one connection there is, or on a new one.

        Celery's pool is not used: a connection that died would stay in it, and a pool that
        was emptied by force stays closed.
        """
        if self._line is None or self._line[0] != os.getpid():
            connection = self.celery.connection_for_write(connect_timeout=_WAIT_S)
            self._line = (os.getpid(), self.celery.amqp.Producer(connection))
        return self._line[1]

    def _hang_up(self) -> None:
        """Throw the connection away, so that the next publishing makes a new one."""
        line, self._line = self._line, None
        if line is not None:
            with suppress(Exception):
                line[1].connection.collect(socket_timeout=_WAIT_S)

    def _queue(self, short: str) -> Queue:
        arguments = {
            "x-queue-type": "quorum",
            "x-delivery-limit": _DELIVERIES,
            "x-dead-letter-exchange": self._dead.name,
        }
        if short == "gather":  # its worker keeps the index of events in memory
            arguments["x-single-active-consumer"] = True
        name = self.full(short)
        exchange = Exchange(name, type="topic")  # Celery's delays work with these alone
        return Queue(name, exchange, routing_key=name, queue_arguments=arguments)
