from collections.abc import Iterator

import dagster as dg
import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genesys_assets.automation.alerts import AlertError, Failure, failure_of, message, post, presentable

WEBHOOK = "https://hooks.example.org/services/T000/B000/a-secret"
DAILY = dg.DailyPartitionsDefinition("2026-11-01")


def failure(raised: Exception, instance: dg.DagsterInstance) -> Failure:
    """What is said of a run whose only asset raises that."""

    @dg.asset(partitions_def=DAILY)
    def conversations() -> None:
        raise raised

    result = dg.materialize([conversations], instance=instance, partition_key="2026-11-20", raise_on_error=False)
    run = instance.get_run_by_id(result.run_id)
    assert run is not None
    run_failure = next(event for event in result.all_events if event.is_run_failure)
    return failure_of(run, run_failure, result.filter_events(lambda event: event.is_step_failure))


@pytest.fixture
def instance() -> Iterator[dg.DagsterInstance]:
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def test_a_sentence_of_the_project_is_told(instance: dg.DagsterInstance) -> None:
    told = failure(
        dg.Failure("GET /api/v2/x was answered 403: permission is missing. Grant it, and run again."), instance
    )
    assert told.sentence == "GET /api/v2/x was answered 403: permission is missing."
    assert (told.partition, told.step, told.error) == ("2026-11-20", "conversations", "Failure")


def test_an_error_of_the_project_that_reaches_dagster_as_it_is_is_told_in_its_own_words(
    instance: dg.DagsterInstance,
) -> None:
    assert failure(AlertError("The hook is gone: set another one."), instance).sentence == (
        "The hook is gone: set another one."
    )


def test_another_exception_is_told_by_its_class_alone(instance: dg.DagsterInstance) -> None:
    told = failure(ValueError("Anna Schmidt, +49 30 1234567, was not expected"), instance)
    assert told.error == "ValueError"
    assert told.sentence == ""
    assert "Schmidt" not in str(message(told, None))


def test_the_cause_of_an_exception_is_what_its_class_tells(instance: dg.DagsterInstance) -> None:
    outer = RuntimeError("outer")
    outer.__cause__ = KeyError("inner")
    assert failure(outer, instance).error == "KeyError"


def test_a_failed_check_is_told_by_its_name(instance: dg.DagsterInstance) -> None:
    @dg.asset
    def conversations() -> None: ...

    @dg.asset_check(asset=conversations, blocking=True)
    def complete() -> dg.AssetCheckResult:
        return dg.AssetCheckResult(passed=False)

    result = dg.materialize([conversations, complete], instance=instance, raise_on_error=False)
    run = instance.get_run_by_id(result.run_id)
    assert run is not None
    run_failure = next(event for event in result.all_events if event.is_run_failure)
    told = failure_of(run, run_failure, result.filter_events(lambda event: event.is_step_failure))
    assert told.sentence == "1 blocking asset check failed with ERROR severity: conversations: complete"


def test_a_message_is_lines_that_slack_shows() -> None:
    told = Failure("0b1c", "day", "2026-11-20", "raw__conversations", "Failure", "The token was refused.")
    assert message(told, "https://dagster.example.org") == {
        "text": "Failed: day of 2026-11-20 in raw__conversations (Failure)\n"
        "The token was refused.\n"
        "Run https://dagster.example.org/runs/0b1c"
    }


def test_a_run_without_partition_step_sentence_or_link_is_told_in_two_lines() -> None:
    assert message(Failure("0b1c", "refresh_directory", error="START_TIMEOUT"), None) == {
        "text": "Failed: refresh_directory (START_TIMEOUT)\nRun 0b1c"
    }


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("User anna.schmidt@example.org is unknown.", "User … is unknown."),
        ("No route to +49 30 1234567 today.", "No route to … today."),
        ("No route to (030) 1234567 today.", "No route to (… today."),
        (
            "2026-11-20 is not covered (up to 2026-11-20T23:10:00.000Z).",
            "2026-11-20 is not covered (up to 2026-11-20T23:10:00.000Z).",
        ),
        (
            "Correlation id 12345678-1234-1234-1234-123456789012.",
            "Correlation id 12345678-1234-1234-1234-123456789012.",
        ),
        ("Expected 1912 conversations, got 1907. Run again.", "Expected 1912 conversations, got 1907."),
        ("One\n  sentence\tonly", "One sentence only"),
        ('It is of "Acme Inc. Berlin" (a). Name another.', 'It is of "Acme Inc. Berlin" (a).'),
        ('An inch is 1". Nothing is quoted.', 'An inch is 1".'),
        ("", ""),
    ],
)
def test_what_is_presentable_of_a_text(text: str, shown: str) -> None:
    assert presentable(text) == shown


@given(st.text(max_size=600), st.emails(), st.from_regex(r"\+49 30 \d{7}", fullmatch=True))
@settings(max_examples=100)
def test_no_address_and_no_number_is_presentable(text: str, address: str, number: str) -> None:
    shown = presentable(f"{text} {address} {number} {text}")
    assert address not in shown
    assert number not in shown
    assert len(shown) <= 300


class Hook:
    """A webhook that answers with each status in turn, the last one for ever."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.bodies: list[bytes] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.bodies.append(request.content)
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        if not status:
            raise httpx.ConnectError(f"no way to {request.url}")
        return httpx.Response(status)


def posted_to(hook: Hook) -> list[float]:
    waits: list[float] = []
    post(WEBHOOK, {"text": "Failed: day"}, transport=httpx.MockTransport(hook), sleep=waits.append)
    return waits


def test_a_message_is_posted_once() -> None:
    hook = Hook(200)
    assert posted_to(hook) == []
    assert hook.bodies == [b'{"text":"Failed: day"}']


def test_a_webhook_that_stumbles_is_tried_again() -> None:
    hook = Hook(0, 503, 200)
    assert len(posted_to(hook)) == 2
    assert len(hook.bodies) == 3


class Endless(httpx.SyncByteStream):
    """An answer that goes on for ever."""

    def __iter__(self) -> Iterator[bytes]:
        while True:
            yield b" " * 1_000_000


def test_a_webhook_that_answers_without_end_is_not_listened_to() -> None:
    hook = httpx.MockTransport(lambda _request: httpx.Response(200, stream=Endless()))
    post(WEBHOOK, {"text": "Failed: day"}, transport=hook)


@pytest.mark.parametrize("location", ["http://xn--a/", "http://[", "javascript:1", "https://elsewhere.example/"])
def test_a_webhook_that_leads_elsewhere_is_not_followed(location: str) -> None:
    hook = httpx.MockTransport(lambda _request: httpx.Response(302, headers={"location": location}))
    with pytest.raises(AlertError, match="check GENESYS_ASSETS_ALERT_WEBHOOK"):
        post(WEBHOOK, {"text": "Failed: day"}, transport=hook, sleep=lambda _seconds: None)


@pytest.mark.parametrize("status", [0, 404, 500])
def test_a_webhook_that_refuses_is_an_error_that_does_not_show_its_address(status: int) -> None:
    with pytest.raises(AlertError, match="check GENESYS_ASSETS_ALERT_WEBHOOK") as raised:
        posted_to(Hook(status))
    assert "a-secret" not in str(raised.value)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
