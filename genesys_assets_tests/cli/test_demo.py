import polars as pl

from genesys_assets.cli.demo import as_table


def test_figures_are_shown_as_a_person_reads_them():
    figures = pl.DataFrame(
        {
            "queue_name": ["Billing", None],
            "media_type": ["voice", "email"],
            "offered": [10, 1],
            "answered": [9, 0],
            "abandoned": [1, 0],
            "service_level": [0.825, None],
            "average_speed_of_answer_ms": [22_400.0, None],
            "average_handle_time_ms": [3_725_000.0, None],
            "transferred": [2, 0],
        }
    )
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in as_table(figures).splitlines()]
    assert rows[2] == ["Billing", "voice", "10", "9", "1", "82.5 %", "00:00:22", "01:02:05", "2"]
    assert rows[3] == ["-", "email", "1", "0", "0", "-", "-", "-", "0"]
