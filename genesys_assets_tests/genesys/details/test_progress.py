from genesys_assets.genesys.details.progress import Progress
from genesys_assets_tests.genesys.support import ManualTime


def told(*steps, expected=None):
    """The lines of a progress over three slices; a step is the seconds before a page of 100, or "done"."""
    time, lines = ManualTime(), []
    progress = Progress("A day", "conversations", 3, expected, lines.append, time.clock)
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


def test_how_many_pages_there_are_is_told_where_the_number_of_conversations_is_known():
    assert ", 2 of about 9 pages, 200 of about 801 conversations, " in told(5, 15, expected=801)[0]


def test_how_many_pages_there_are_goes_by_what_pages_bring():
    time, lines = ManualTime(), []
    progress = Progress("A day", "conversations", 3, 2_780, lines.append, time.clock)
    for number in range(1, 34):
        time.at += 1
        progress.page(100 if number % 2 else 70)
    assert [line.split(", ")[1] for line in lines] == [
        "10 of about 33 pages",
        "20 of about 33 pages",
        "30 of about 33 pages",
    ]


def test_pages_that_brought_nothing_tell_nothing_of_how_many_there_are():
    time, lines = ManualTime(), []
    progress = Progress("A day", "conversations", 3, 100, lines.append, time.clock)
    time.at += 10
    progress.page(0)
    assert lines == ["A day: 0 of 3 slices, 1 pages, 0 of about 100 conversations, 0 a second."]


def test_the_time_left_is_told_once_a_slice_is_done():
    assert told(5, "done", 15)[0].endswith("10 a second, about 40 s left.")
    assert told(500, "done", 500)[-1].endswith("0 a second, about 33 min left.")


def test_the_time_left_goes_by_conversations_where_their_number_is_known():
    assert told(5, 15, expected=800)[0].endswith("200 of about 800 conversations, 10 a second, about 60 s left.")
    assert told(5, 15, expected=150)[0].endswith("200 of about 150 conversations, 10 a second.")
