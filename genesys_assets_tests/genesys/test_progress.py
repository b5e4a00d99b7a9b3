from genesys_assets.genesys.progress import Progress
from genesys_assets_tests.genesys.support import ManualTime


def told(*steps):
    """The lines of a progress over three slices; a step is the seconds before a page of 100, or "done"."""
    time, lines = ManualTime(), []
    progress = Progress("A day", 3, lines.append, time.clock)
    for step in steps:
        if step == "done":
            progress.slice_done()
        else:
            time.at += step
            progress.page(100)
    return lines


def test_a_line_comes_every_ten_seconds_at_most():
    assert len(told(*[1] * 35)) == 3


def test_a_line_tells_slices_pages_conversations_and_rate():
    assert told(5, 15) == ["A day: 0 of 3 slices, 2 pages, 200 conversations, 10 a second."]


def test_the_time_left_is_told_once_a_slice_is_done():
    assert told(5, "done", 15)[0].endswith("10 a second, about 40 s left.")
    assert told(500, "done", 500)[-1].endswith("0 a second, about 33 min left.")
