"""Twelve days of a tenant in one answer of the aggregates: callbacks, messages and calls, each in a queue.

Conversations of our own, whose metrics have the counts and sums, the least and the most that were told, give the same.
"""

from pathlib import Path

import polars as pl
import pytest

from genesys_assets.marts import MARTS, differences, roll_up
from genesys_assets.marts.formulas.reconciliation import Comparison
from genesys_assets_tests.marts.recorded import MORNING, Emitted, Json, conversation, leg, staged

BY_QUEUE_AND_MEDIA = Comparison({"queue_id": "queueId", "media_type": "mediaType"}, always=("queue_id",))
QUEUES = (("callback", "c"), ("message", "m"), ("voice", "v"))
TOLD = (
    {"nOffered": 4, "nOverSla": 4, "tAcd": (4, 110_554_154), "tAcw": (3, 23_838), "tAlert": (11, 130_823),
     "tAnswered": (4, 110_554_154), "tHandle": (4, 318_215), "tNotResponding": (7, 118_383),
     "tTalkComplete": (4, 294_377), "oServiceLevel": (0, 4)},
    {"nBlindTransferred": 6, "nOffered": 10, "nOverSla": 2, "nTransferred": 6, "tAcd": (10, 92_106_833),
     "tAnswered": (9, 92_049_245), "oServiceLevel": (7, 9)},
    {"nBlindTransferred": 4, "nOutbound": 5, "nTransferred": 4, "tAcw": (5, 29_509), "tAlert": (5, 57_750),
     "tContacting": (5, 1_896), "tDialing": (5, 57_910), "tHandle": (5, 110_878), "tNotResponding": (5, 57_750),
     "tTalkComplete": (4, 21_563), "tVoicemail": (4, 321_634)},
)  # fmt: skip
STATS = {"t": ("count", "sum"), "o": ("numerator", "denominator")}
WAITS = (79_057, 73_342_037, 17_000_000, 20_133_060)
TALKS = (30_000, 222_903, 2_211, 39_263)
WORK = (9_945, 0, 5_921, 7_972)
ANSWERED = (3_666, 91_955_869, 10_000, 11_000, 12_000, 13_000, 14_000, 14_710, 15_000)
LEFT = 57_588


@pytest.fixture(scope="module")
def documents() -> list[Json]:
    """Conversations whose metrics have the counts and sums, and the least and the most, that were told."""
    voice = zip(
        *((12_071, 9_714, 12_041, 12_042, 12_042), (939, 28, 300, 300, 329), (6_660, 2_244, 6_000, 6_659, 0)),
        *((20_592, 2_067, 2_200, 2_300, 2_350), (12_020, 9_716, 12_004, 12_005, 12_005)),
        *((120_159, 53_848, 73_000, 74_627, 0),),
        strict=True,
    )
    told = [_callback(*parts) for parts in zip(range(4), WAITS, TALKS, WORK, strict=True)]
    told += [_message(number, waited) for number, waited in enumerate(ANSWERED)]
    acd: list[Emitted] = [("nOffered", 1, 0), ("tAcd", LEFT, LEFT)]
    told.append(conversation(90, LEFT, leg("acd", acd, [("interact", 0, LEFT, "m")], media="message")))
    return told + [_voice(number, *parts) for number, parts in enumerate(voice)]


def _callback(number: int, waited: int, talked: int, worked: int) -> Json:
    answered_alert = (2_097, 3_000, 3_443, 3_900)[number]
    missed = ((30_140, 2_883), (17_072, 17_072), (17_072, 17_072), (17_072,))[number]
    rung = [(name, each, waited) for each in missed for name in ("tAlert", "tNotResponding")]
    done_at = waited + talked + worked
    emitted = [
        *(("tAlert", answered_alert, waited), ("tAnswered", waited, waited), ("nOverSla", 1, waited)),
        *(("tTalkComplete", talked, waited + talked), ("tHandle", talked + worked, done_at)),
        *([("tAcw", worked, done_at)] if worked else []),
    ]
    here = {"media": "callback", "direction": "outbound"}
    acd = leg("acd", [("nOffered", 1, 0), ("tAcd", waited, waited)], [("interact", 0, waited, "c")], **here)
    others = leg("agent", rung, [("alert", 0, waited, "c")], user="bob", **here)
    return conversation(
        number, done_at, acd, others, leg("agent", emitted, [("interact", waited, done_at, "c")], user="a", **here)
    )


def _message(number: int, waited: int) -> Json:
    late: list[Emitted] = [("nOverSla", 1, waited)] if number in {1, 8} else []
    sent_on: list[Emitted] = [("nTransferred", 1, waited + 5), ("nBlindTransferred", 1, waited + 5)]
    acd = leg("acd", [("nOffered", 1, 0), ("tAcd", waited, waited)], [("interact", 0, waited, "m")], media="message")
    emitted = [("tAnswered", waited, waited), *late, *(sent_on if number < 6 else [])]
    agent = leg("agent", emitted, [("interact", waited, waited + 9, "m")], user="a", media="message")
    return conversation(10 + number, waited + 9, acd, agent)


def _voice(number: int, *parts: int) -> Json:
    dialing, contacting, talked, worked, rung, recorded = parts
    at = contacting + dialing
    emitted = [
        *(("nOutbound", 1, 0), ("tContacting", contacting, contacting), ("tDialing", dialing, at)),
        *(("tAcw", worked, at + talked + worked), ("tHandle", sum(parts[:4]), at + talked + worked)),
    ]
    if talked:
        emitted += [("tTalkComplete", talked, at + talked), ("nTransferred", 1, at + talked)]
        emitted.append(("nBlindTransferred", 1, at + talked))
    called = [("tAlert", rung, at), ("tNotResponding", rung, at), *([("nError", 1, at)] if talked else [])]
    mailbox = [("tVoicemail", recorded, at + recorded)] if recorded else []
    end = at + 200_000
    legs = (("agent", emitted, "a"), ("user", called, "b"), ("voicemail", mailbox, None))
    return conversation(
        30 + number, end,
        *(leg(who, metrics, [("interact", 0, end, "v")], user=user, direction="outbound")
          for who, metrics, user in legs),
    )  # fmt: skip


@pytest.fixture
def rows(documents: list[Json], tmp_path: Path) -> pl.LazyFrame:
    """The queues' rows of a partition for each of the days on which something was emitted, put together."""
    metrics = staged(tmp_path, *documents)["session_metrics"].with_columns(partition_date=pl.col("emit_date").dt.date())
    return MARTS["queue_performance"].formula(metrics)


def test_every_figure_that_was_told_is_ours(rows):
    told = [
        {"queue_id": queue, "media_type": media, "interval_start": MORNING, "metric": metric, **stats}
        for (media, queue), metrics in zip(QUEUES, TOLD, strict=True)
        for metric, value in metrics.items()
        for stats in [{"count": value} if isinstance(value, int) else dict(zip(STATS[metric[0]], value, strict=True))]
    ]
    texts = dict.fromkeys(("queue_id", "media_type", "metric"), pl.String)
    numbers = dict.fromkeys(("count", "sum", "numerator", "denominator"), pl.Int64)
    aggregates = pl.LazyFrame(told, schema={**texts, "interval_start": pl.Datetime("us", "UTC"), **numbers})
    assert differences(rows, aggregates, BY_QUEUE_AND_MEDIA).collect().rows() == []


@pytest.mark.parametrize(
    ("media", "expected"),
    [
        ("callback", {"offered": 4, "answered": 4, "service_level": 0.0, "average_handle_time_ms": 79_553.75}),
        ("message", {"offered": 10, "answered": 9, "abandoned": 0, "flow_outs": 0, "service_level": 7 / 9}),
        (
            "voice",
            {"offered": 0, "handled": 5, "outbound": 5, "voicemails": 4, "not_responding": 5, "service_level": None},
        ),
    ],
)
def test_ratios_are_those_that_genesys_cloud_gave(rows, media, expected):
    [row] = roll_up(rows.filter(media_type=media), ["media_type"]).collect().to_dicts()
    assert {name: row[name] for name in expected} == expected


def test_one_message_was_left_unanswered(rows):
    [row] = roll_up(rows.filter(media_type="message"), ["media_type"]).collect().to_dicts()
    assert row["wait_count"] - row["answered"] - row["abandoned"] - row["flow_outs"] == 1


def test_the_values_are_those_that_were_told():
    assert (sum(WAITS), sum(TALKS), sum(WORK)) == (110_554_154, 294_377, 23_838)
    assert sum(ANSWERED) + LEFT == 92_106_833
