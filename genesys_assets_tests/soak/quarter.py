"""The days of the quarter: what sensors and schedules request is run, one after another, in this process.

What belongs here: a day's timetable, ticks as the daemon makes them, and the runs that they ask for. In production each
run has a process of its own, which takes its leaks with it; here all have one, so that what leaks adds up.
"""

from __future__ import annotations

import gc
import time as clocks
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import takewhile
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.storage.tags import RUN_KEY_TAG
from dagster._utils.schedules import cron_string_iterator

from genesys_assets.organisation import Organisation
from genesys_assets.resources import Genesys
from genesys_assets_tests.conftest import Chain
from genesys_assets_tests.soak.centre import sandbox_of
from genesys_assets_tests.soak.clock import Clock, give_files_the_time
from genesys_assets_tests.soak.measured import Made, Measured, measured

TICKS = [time(hour, minute) for hour, minute in ((0, 15), (3, 15), (4, 0), (10, 0), (16, 0), (22, 0))]
"""When the sensor asks for the watermark: before the day is covered, just after, and when it is there."""
AVAILABLE = "conversations_available"
BY_THEMSELVES = ("settlement", "directory", "database_copy", "run_history")
"""`daily` is for those who do without the sensor."""
A_WEEK = 7
"""Days from one evaluation of the schedule run_history to the next."""
HELD_BESIDES = 10
"""Runs that stay since they made the latest directory, the latest copy, or the latest outcome of a check."""
IDLE_SECONDS = 11
"""Threads of the libraries that are written in Rust end when they have had nothing to do for ten."""
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass
class Quarter:
    """A contact centre's pipeline from its first day on.

    Attributes:
        folder: Where everything lies.
        clock: Its clock.
        genesys: How the contact centre is reached.
        instance: Dagster's instance.
        first: The first day of conversations.
    """

    folder: Path
    clock: Clock
    genesys: Genesys
    instance: dg.DagsterInstance
    first: date
    cursors: dict[str, str | None] = field(default_factory=dict)
    runs_made: list[int] = field(default_factory=lambda: [0])

    def __post_init__(self) -> None:
        self.chain = Chain(self.folder, self.genesys, self.instance, sandbox_of(self.clock))
        self.defs = self.chain.defs
        self.clock.begin_at(datetime.combine(self.first + timedelta(days=1), time(), UTC))

    def live(self) -> None:
        """Lives the next day from its beginning to its end."""
        today = self.first + timedelta(days=len(self.runs_made))
        self.runs_made.append(self.runs_made[-1])
        for at, tick in sorted(self._timetable(today), key=lambda each: each[0]):
            self.clock.turn_to(at)
            for job, request in tick(at):
                self._run(job, request)
            for sensor in ("failed_runs", "failed_checks"):
                self._look(sensor, at)
            give_files_the_time(self.folder / "work", self.clock)
        self.clock.turn_to(datetime.combine(today, time(23, 59), UTC))

    def measured(self) -> Measured:
        """What there is at the end of the day."""
        gc.collect()
        clocks.sleep(IDLE_SECONDS)
        day = len(self.runs_made) - 1
        stored = len(self._stored())
        recent = max(0, day - Organisation.from_environment().run_history_days - A_WEEK)
        allowed = stored + self.runs_made[-1] - self.runs_made[recent] + HELD_BESIDES
        return measured(self.folder, self.instance, Made(day, stored, self.runs_made[-1], allowed))

    def days_wrong(self) -> dict[str, tuple[int, int]]:
        """Days of which not so many conversations are stored as there are: stored, and there."""
        stored, days = self._stored(), range(len(self.runs_made) - 1)
        there = {each: len(self.chain.sandbox.conversations(each)) for each in map(self._day, days)}
        return {
            str(day): (stored.get(day, 0), there.get(day, 0))
            for day in stored | there
            if stored.get(day) != there.get(day)
        }

    def _day(self, number: int) -> date:
        return self.first + timedelta(days=number)

    def _stored(self) -> dict[date, int]:
        with self.chain.database.reading() as connection:
            counted = "SELECT partition_date, count(*) FROM raw.conversations GROUP BY ALL"
            return dict(connection.execute(counted).fetchall())

    def _timetable(self, today: date) -> Iterator[tuple[datetime, Any]]:
        """The ticks of a day."""
        midnight = datetime.combine(today, time(), UTC)
        for at in TICKS:
            yield datetime.combine(today, at, UTC), partial(self._look, AVAILABLE)
        for name in BY_THEMSELVES:
            cron = str(self.defs.resolve_schedule_def(name).cron_schedule)
            instants = cron_string_iterator(midnight.timestamp(), cron, "UTC")
            for at in takewhile(lambda each: each < midnight + timedelta(days=1), instants):
                yield at, partial(self._due, name)

    def _look(self, name: str, _at: datetime) -> list[tuple[str, dg.RunRequest]]:
        """A sensor's tick, which goes on from where the last one has left it."""
        sensor, cursor = self.defs.resolve_sensor_def(name), self.cursors.get(name)
        resources = {"genesys_assets_genesys": self.genesys} if name == AVAILABLE else None
        repository = self.defs.get_repository_def()
        context = dg.build_sensor_context(self.instance, cursor, repository_def=repository, resources=resources)
        ticked = sensor.evaluate_tick(context)
        self.cursors[name] = ticked.cursor
        assert not any(reaction.error for reaction in ticked.dagster_run_reactions or ()), "an alert was not posted"
        return [(str(sensor.job_name), request) for request in ticked.run_requests or ()]

    def _due(self, schedule: str, at: datetime) -> list[tuple[str, dg.RunRequest]]:
        """A schedule's tick."""
        definition, repository = self.defs.resolve_schedule_def(schedule), self.defs.get_repository_def()
        context = dg.build_schedule_context(self.instance, scheduled_execution_time=at, repository_def=repository)
        return [(definition.job_name, request) for request in definition.evaluate_tick(context).run_requests or ()]

    def _run(self, job: str, request: dg.RunRequest) -> None:
        key = {RUN_KEY_TAG: request.run_key} if request.run_key else {}
        done = self.defs.resolve_job_def(job).execute_in_process(
            instance=self.instance,
            partition_key=request.partition_key,
            tags={**request.tags, **key},
            run_config=QUIET,
            raise_on_error=False,
        )
        assert done.success, f"the run {done.run_id} of {job}, {request.partition_key} has failed"
        self.runs_made[-1] += 1
