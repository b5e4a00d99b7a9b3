import re

from genesys_assets_tests.genesys.support import world

LINE = re.compile(r"The details job (\S+) for \S+ is [A-Z]+ after (\d+) s\.")


def told(here) -> dict[str, list[int]]:
    """After how many seconds the log told of each job."""
    seconds: dict[str, list[int]] = {}
    for line in here.lines:
        if found := LINE.fullmatch(line):
            seconds.setdefault(found[1], []).append(int(found[2]))
    return seconds


def test_the_log_tells_about_every_half_minute_that_a_job_is_still_running(checkpoint):
    with world(job_seconds=200) as here:
        here.extract(checkpoint, "job", jobs_at_once=1)
    assert len(told(here)) == 2
    for seconds in told(here).values():
        steps = [after - before for before, after in zip([0, *seconds], seconds, strict=False)]
        assert sum(steps) > 150
        assert all(30 <= step <= 50 for step in steps), "it is asked for every 20 seconds at most"


def test_a_job_that_is_done_at_once_is_not_told_of(checkpoint):
    with world(job_seconds=5) as here:
        here.extract(checkpoint, "job")
    assert not told(here)
