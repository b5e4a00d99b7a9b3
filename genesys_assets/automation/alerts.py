"""Words and posts the alerts of failed runs and failed checks.

A webhook ends in a chat that many people read. So a message holds job, partition, run id, step, the error's class, and
the error's first sentence only where the project wrote that sentence itself, since any other exception's text may quote
rows. What Genesys Cloud says inside such a sentence is kept, without what looks like an address or a telephone number.
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import dagster as dg
import httpx
from dagster import DagsterEvent
from dagster_shared.error import SerializableErrorInfo

from genesys_assets.assets.recorded import PARTITION, RANGE_END, RANGE_START
from genesys_assets.errors import ProjectError
from genesys_assets.secrecy import remember, unlogged
from genesys_assets.texts import LONGEST_SENTENCE, for_chat
from genesys_assets.variables import variable_of

ATTEMPTS = 3
SECONDS_BETWEEN = 1.0
TIMEOUT_SECONDS = 3.0
"""Dagster repeats a tick that takes longer than 60 seconds, and with it what it has posted; it may post five runs."""
NAMED_CHECKS, NAMED_DAYS = 5, 5
"""How many a message names; it gives the number of the rest."""
LONGEST_LINE = 400

_PERSONAL = re.compile(r"\S+@\S+|(?<![\w-])\+?\d[\d ()/.]{5,}\d(?![\w-])")
"""Addresses, and digits as in telephone numbers. Dates, ids and intervals have letters or hyphens in between."""
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z])")
_QUOTED = re.compile(r'"[^"]*"')
"""Names, such as the organisation "Acme Inc. Berlin": a full stop in them ends no sentence."""
_OWN_SENTENCES = {"DagsterAssetCheckFailedError"}
"""Dagster's exceptions whose text holds nothing but keys of assets and checks."""


class AlertError(ProjectError):
    """The webhook refused the message or did not answer; the text does not show the webhook's address."""


@dataclass(frozen=True, slots=True)
class Failure:
    """What an alert may say of a failed run.

    Attributes:
        run_id: The run.
        job: Its job.
        partition: Its partition or range, "" for a run without.
        step: The first step that failed, "" when the run failed outside of its steps.
        error: Class of the error, or Dagster's reason for the failure.
        sentence: The first sentence of the project's own error, "" for any other error.
    """

    run_id: str
    job: str
    partition: str = ""
    step: str = ""
    error: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class FailedCheck:
    """What an alert may say of a failed check.

    Attributes:
        name: The checked asset and the check.
        days: The days on which it failed and had not before; empty for a check without days.
        is_error: Whether it is an error; else it is a warning.
        sentence: The first sentence of the check's description, "" when there is none.
    """

    name: str
    days: tuple[str, ...]
    is_error: bool
    sentence: str = ""


def failure_of(run: dg.DagsterRun, run_failure: DagsterEvent, step_failures: Sequence[DagsterEvent]) -> Failure:
    """Return what an alert may say of a failed run, from its events."""
    about_run = Failure(run.run_id, _job(run), _partition(run))
    if not step_failures:
        failed = run_failure.job_failure_data
        reason = failed.failure_reason.value if failed.failure_reason else "UNKNOWN"
        return _with(about_run, error=reason, sentence=presentable(_own_words(failed.error)))
    first = step_failures[0]
    data = first.step_failure_data
    sentence = _own_words(data.error)
    if data.user_failure_data is not None:
        sentence = data.user_failure_data.description or sentence
    return _with(
        about_run,
        step=first.step_key or "",
        error=(_causes(data.error)[-1].cls_name if data.error is not None else None) or "Failure",
        sentence=presentable(sentence),
    )


def _own_words(error: SerializableErrorInfo | None) -> str:
    """Return the text of the project's own error in a chain of errors, "" when there is none.

    Dagster wraps an error that a step, a resource or an IO manager raised, and wraps it once more after a retry.
    """
    for each in _causes(error):
        name, _, text = each.message.partition(": ")
        if each.cls_name in _OWN_SENTENCES or name in _names_of(ProjectError):
            return text
    return ""


def _causes(error: SerializableErrorInfo | None) -> list[SerializableErrorInfo]:
    """Return an error, its cause, the cause of that, and so on."""
    return [] if error is None else [error, *_causes(error.cause)]


def _names_of(kind: type[ProjectError]) -> set[str]:
    return {f"{kind.__module__}.{kind.__qualname__}"}.union(*map(_names_of, kind.__subclasses__()))


def _with(failure: Failure, *, step: str = "", error: str, sentence: str = "") -> Failure:
    return Failure(failure.run_id, failure.job, failure.partition, step, error, sentence)


def _job(run: dg.DagsterRun) -> str:
    return "assets chosen by hand" if run.job_name.startswith("__") else run.job_name


def _partition(run: dg.DagsterRun) -> str:
    tags = run.tags
    start, end = tags.get(RANGE_START, ""), tags.get(RANGE_END, "")
    return tags.get(PARTITION, "") or (start if start == end else f"{start} to {end}")


def presentable(text: str) -> str:
    """Return the first sentence of `text`, no longer than 300 characters, without what looks like personal data."""
    spaced = " ".join(text.split())
    quoted = [found.span() for found in _QUOTED.finditer(spaced)]
    ends = (end.start() for end in _SENTENCE_END.finditer(spaced))
    first = spaced[: next((at for at in ends if not any(begin < at < end for begin, end in quoted)), None)]
    return _PERSONAL.sub("…", first)[:LONGEST_SENTENCE]


def message(failure: Failure, dagster_url: str | None, checks: Sequence[FailedCheck] = ()) -> dict[str, Any]:
    """Return the JSON that Slack and similar services read: one `text` of several lines.

    Args:
        failure: What failed.
        dagster_url: Base URL of the Dagster UI; None: no link.
        checks: The checks that failed in the run.
    """
    of_partition = f" of {failure.partition}" if failure.partition else ""
    at_step = f" in {failure.step}" if failure.step else ""
    lines = [f"Failed: {failure.job}{of_partition}{at_step} ({failure.error})", failure.sentence]
    return _text([*lines, *_lines_of_checks(checks)], failure.run_id, dagster_url)


def message_of_checks(checks: Sequence[FailedCheck], run_id: str, dagster_url: str | None) -> dict[str, Any]:
    """Return the JSON of one message for all failed checks in a run that did not fail itself.

    Args:
        checks: The failed checks, one or more.
        run_id: The run.
        dagster_url: Base URL of the Dagster UI; None: no link.
    """
    return _text(_lines_of_checks(checks), run_id, dagster_url)


def _lines_of_checks(checks: Sequence[FailedCheck]) -> list[str]:
    lines: list[str] = []
    for check in sorted(checks, key=lambda each: not each.is_error)[:NAMED_CHECKS]:
        of_days = f" of {_days(check.days)}" if check.days else ""
        lines += [f"{'Check failed' if check.is_error else 'Check warns'}: {check.name}{of_days}", check.sentence]
    more = len(checks) - NAMED_CHECKS
    return [*lines, f"and {more} more: see the run"] if more > 0 else lines


def _days(days: Sequence[str]) -> str:
    return ", ".join(days) if len(days) <= NAMED_DAYS else f"{days[0]} to {days[-1]}, {len(days)} days"


def of_organisation(body: dict[str, Any], organisation: str | None) -> dict[str, Any]:
    """Return the message with a last line that names the database's organisation, if it is known."""
    if not organisation:
        return body
    return {**body, "text": f"{body['text']}\nOrganisation: {for_chat(organisation)}"}


def _text(lines: Sequence[str], run_id: str, dagster_url: str | None) -> dict[str, Any]:
    run = f"{dagster_url}/runs/{run_id}" if dagster_url else run_id
    return {"text": "\n".join([*(for_chat(line, LONGEST_LINE) for line in lines if line), f"Run {run}"])}


def post(
    webhook: str,
    body: dict[str, Any],
    *,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Post to the webhook, three times at most.

    Raises:
        AlertError: The webhook refused the message or did not answer.
    """
    remember(webhook, urlsplit(webhook).path)
    with unlogged(), httpx.Client(transport=transport, timeout=TIMEOUT_SECONDS) as http:
        problem = _problem(http, webhook, body)
        for _ in range(ATTEMPTS - 1):
            if not problem:
                return
            sleep(SECONDS_BETWEEN)
            problem = _problem(http, webhook, body)
    if problem:
        raise AlertError(f"The alert's webhook {problem}: check {variable_of('alert_webhook')}.")


def _problem(http: httpx.Client, webhook: str, body: dict[str, Any]) -> str:
    try:
        with http.stream("POST", webhook, json=body) as answer:  # the body is not read, however large it is
            status, is_success = answer.status_code, answer.is_success
    except (
        httpx.HTTPError,
        httpx.InvalidURL,
        ValueError,
    ) as error:  # its text and its chain hold the webhook's address
        return f"could not be reached ({type(error).__name__})"
    return "" if is_success else f"answered {status}"
