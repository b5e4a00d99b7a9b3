from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

import genesys_assets.sandbox
from genesys_assets.cli import main
from genesys_assets.sandbox import Sandbox, on
from genesys_assets_tests.sandbox.support import JOBS, Api, Clock


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Sandbox, int]]:
    """The sandboxes that the command has served, and on which port."""
    kept: list[tuple[Sandbox, int]] = []
    monkeypatch.setattr(genesys_assets.sandbox, "run", lambda sandbox, port: kept.append((sandbox, port)))
    return kept


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["sandbox", *arguments])


def test_the_sandbox_is_served_as_the_options_say(served):
    options = ["--port", "8123", "--seed", "7", "--conversations-per-day", "60"]
    assert call(*options, "--lag-hours", "30", "--requests-per-minute", "90").exit_code == 0
    [(sandbox, port)] = served
    assert (port, sandbox.seed, sandbox.conversations_per_day) == (8123, 7, 60)
    assert (sandbox.availability_lag, sandbox.requests_per_minute) == (timedelta(hours=30), 90)


def test_a_job_of_the_command_is_queued_and_pending_first(served):
    clock = Clock()
    call()
    [(sandbox, _port)] = served
    sandbox.jobs.clock = clock
    api = Api(sandbox)
    job_id, states = api.submit(), []
    for _ in range(3):
        states += [api.get(f"{JOBS}/{job_id}").json()["state"]]
        clock.seconds += 1.01
    assert states == ["QUEUED", "PENDING", "FULFILLED"]


def test_faults_are_switched_on_in_the_words_of_the_header(served):
    assert call("--faults", "details/query status=502 times=3; results truncate").exit_code == 0
    [(sandbox, _port)] = served
    assert sandbox.faults._faults == [on("details/query", status=502, times=3), on("results", truncate=True)]


@pytest.mark.parametrize(
    ("faults", "said"),
    [
        ("details explode=now", "no such effect: explode"),
        ("details", "exactly one effect"),
        ("details status=bad", "invalid literal"),
        ("jobs/( status=502", "no regular expression"),
    ],
)
def test_faults_that_cannot_be_read_are_one_line(served, faults, said):
    result = call("--faults", faults)
    assert result.exit_code == 1
    assert len(result.output.splitlines()) == 1
    assert said in result.output
    assert served == []


def test_the_centre_works_by_the_clocks_that_are_named(served):
    assert call("--timezone", "Australia/Sydney").exit_code == 0
    [(sandbox, _port)] = served
    assert sandbox.timezone == "Australia/Sydney"


def test_a_time_zone_that_there_is_not_is_one_line(served):
    result = call("--timezone", "Mars/Olympus")
    assert (
        result.output
        == "Error: --timezone: no time zone is called 'Mars/Olympus'; one is, for example, Europe/Berlin.\n"
    )
    assert served == []


def test_a_port_that_is_taken_is_one_line(monkeypatch):
    def refuse(_sandbox: Sandbox, port: int) -> None:
        raise OSError(98, "Address already in use")

    monkeypatch.setattr(genesys_assets.sandbox, "run", refuse)
    result = call()
    assert result.exit_code == 1
    assert "Port 8080 cannot be opened (Address already in use); name another by --port." in result.output
