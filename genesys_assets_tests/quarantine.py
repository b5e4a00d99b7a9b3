"""Tests that race something that the project cannot mend: run, counted and printed, and not more than three.

A test in quarantine runs with all others. Its failure does not fail the suite; the summary says how each came out and
why it stands here, so that nobody takes it for a proof.
"""

import pytest

MOST = 3


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    reasons = [(item, mark) for item in items if (mark := item.get_closest_marker("quarantine"))]
    if len(reasons) > MOST:
        raise pytest.UsageError(f"{len(reasons)} tests stand in quarantine, and {MOST} are allowed.")
    for item, mark in reasons:
        item.add_marker(pytest.mark.xfail(reason=mark.kwargs["reason"], strict=False))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    outcomes = [(name, each) for name in ("xpassed", "xfailed") for each in terminalreporter.stats.get(name, [])]
    if outcomes:
        terminalreporter.section(f"in quarantine: {len(outcomes)} of at most {MOST} tests")
    for name, report in outcomes:
        reason = report.wasxfail.removeprefix("reason: ")
        terminalreporter.line(f"{name.removeprefix('x')}: {report.nodeid}: {reason}")
