"""How Dagster is told of errors: by every asset, check and op of the project; only what may pass is retried."""

import errno
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dagster as dg
import polars as pl
import pytest
from dagster import DagsterExecutionInterruptedError
from dagster._core.definitions.decorators.op_decorator import DecoratedOpFunction

from genesys_assets import failures
from genesys_assets.assembly import build_defs
from genesys_assets.errors import ProjectError
from genesys_assets.failures import as_failures, failure_for, with_failures
from genesys_assets.genesys.api.errors import ErrorDetail, RefusedError, UnavailableError
from genesys_assets.organisation import Organisation
from genesys_assets.warehouse import DatabaseBusyError, DatabaseConflictError, DiskFullError, WarehouseIOManager
from genesys_assets_tests.conftest import DAY, Chain


def steps() -> dict[str, Callable[..., Any]]:
    """What each asset, check and op of the project calls, by its name."""
    repository = build_defs(Organisation.from_environment()).get_repository_def()
    nodes = {node.name: node.definition for job in repository.get_all_jobs() for node in job.graph.nodes}
    functions = {}
    for name, definition in nodes.items():
        assert isinstance(definition, dg.OpDefinition)
        assert isinstance(definition.compute_fn, DecoratedOpFunction)
        functions[name] = definition.compute_fn.decorated_fn
    return functions


STEPS = steps()


def is_wrapped(function: Any) -> bool:
    """Whether what runs first is the one wrapper: the code of `failures`, with the step's own function inside."""
    return function.__globals__["__name__"] == failures.__name__ and hasattr(function, "__wrapped__")


def test_the_steps_are_all_there() -> None:
    assert {"raw__conversations", "staging", "reports__daily", "exports__database_copy", "purge_conversations"} <= set(
        STEPS
    )
    assert any("matches_genesys_aggregates" in name for name in STEPS)


@pytest.mark.parametrize("name", sorted(STEPS))
def test_every_asset_check_and_op_tells_dagster_of_its_errors(name: str) -> None:
    assert is_wrapped(STEPS[name])


@pytest.mark.parametrize("method", ["handle_output", "load_input"])
def test_the_io_manager_tells_dagster_of_its_errors_in_any_project(method: str) -> None:
    assert is_wrapped(getattr(WarehouseIOManager, method))


def told(error: BaseException) -> dg.Failure:
    with pytest.raises(dg.Failure) as failure, as_failures():
        raise error
    assert failure.value.__cause__ is error
    return failure.value


def test_an_error_of_the_project_is_told_in_its_own_words_with_its_facts() -> None:
    detail = ErrorDetail("GET", "/api/v2/x", 400, "bad.request", "No.", "0b1c")
    failure = told(RefusedError("GET /api/v2/x was answered 400.", detail))
    assert failure.description == "GET /api/v2/x was answered 400."
    assert {name: value.value for name, value in failure.metadata.items()} == {
        "status": 400,
        "code": "bad.request",
        "correlation_id": "0b1c",
    }
    assert not failure.allow_retries


def caused(error: Exception, by: Exception) -> Exception:
    error.__cause__ = by
    return error


@pytest.mark.parametrize(
    "error",
    [
        UnavailableError("No connection."),
        DatabaseConflictError("Others changed it."),
        ConnectionResetError(errno.ECONNRESET, "reset"),
        TimeoutError(),
        BlockingIOError(errno.EAGAIN, "again"),
        OSError(errno.EMFILE, "too many open files"),
        OSError(errno.EHOSTUNREACH, "no route"),
        caused(RuntimeError("wrapped"), ConnectionRefusedError()),
        caused(RuntimeError("wrapped"), DatabaseConflictError("Others changed it.")),
    ],
    ids=repr,
)
def test_what_passes_by_itself_is_tried_again(error: Exception) -> None:
    assert told(error).allow_retries


@pytest.mark.parametrize(
    "error",
    [
        ProjectError("No."),
        DiskFullError("Full."),
        DatabaseBusyError("Held for longer than the wait that is set."),
        KeyError("queue_id"),
        RecursionError(),
        MemoryError(),
        AssertionError(),
        ZeroDivisionError(),
        pl.exceptions.ComputeError("cannot parse Anna Schmidt"),
        pl.exceptions.SchemaError("no such column"),
        OSError(errno.ENOSPC, "no space left"),
        PermissionError(errno.EACCES, "permission denied"),
        FileNotFoundError(errno.ENOENT, "no such file"),
        OSError(errno.EROFS, "read-only file system"),
        caused(RuntimeError("wrapped"), KeyError("x")),
    ],
    ids=repr,
)
def test_what_no_retry_can_mend_is_permanent_at_once(error: Exception) -> None:
    assert not told(error).allow_retries


def test_the_text_of_an_error_that_was_not_foreseen_is_kept_out_of_the_sentence() -> None:
    failure = told(pl.exceptions.ComputeError("cannot parse Anna Schmidt"))
    assert "ComputeError" in str(failure.description)
    assert "Schmidt" not in str(failure.description)


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, DagsterExecutionInterruptedError])
def test_an_interrupt_stays_one(interrupt: type[BaseException]) -> None:
    with pytest.raises(interrupt), as_failures():
        raise interrupt
    with pytest.raises(RuntimeError), as_failures():
        raise RuntimeError("Query interrupted") from interrupt()


def test_what_dagster_says_itself_is_left_alone() -> None:
    failure = dg.Failure("Mine.", allow_retries=False)
    with pytest.raises(dg.Failure) as raised, as_failures():
        raise failure
    assert raised.value is failure


def test_a_generator_goes_on_after_each_of_its_values_and_returns_what_it_does() -> None:
    @with_failures
    def numbers(last: int) -> Iterator[int]:
        yield from range(last)
        raise KeyError(last)

    found = numbers(2)
    assert [next(found), next(found)] == [0, 1]
    with pytest.raises(dg.Failure):
        next(found)


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.EROFS, "Read-only file system"),
        (errno.ELOOP, "Too many levels of symbolic links"),
        (errno.EIO, "Input/output error"),
        (errno.ENOENT, "No such file or directory"),
        (errno.ENOTDIR, "Not a directory"),
        (errno.ENOLCK, "No locks available"),
        (errno.EACCES, "Permission denied"),
    ],
)
def test_what_the_system_says_of_a_file_is_told_in_one_sentence_with_what_to_do(number: int, reason: str) -> None:
    told = failure_for(OSError(number, reason, "/srv/checkpoints"))
    assert f"{reason}: '/srv/checkpoints'" in str(told.description)
    assert "name another folder by its setting" in str(told.description)
    assert "\n" not in str(told.description)


def test_polars_words_for_a_folder_that_is_gone_are_told_too(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="os error") as error:
        pl.DataFrame({"a": [1]}).write_parquet(tmp_path / "gone" / "a.parquet")
    assert "No such file or directory" in str(failure_for(error.value).description)


@pytest.mark.parametrize("place", ["work", "genesys.duckdb.spool"])
@pytest.mark.parametrize("how", ["a link to itself", "a file"])
def test_a_folder_that_can_be_none_fails_its_step_with_one_sentence(chain: Chain, place: str, how: str) -> None:
    spoilt = chain.folder / place
    spoilt.symlink_to(spoilt) if how == "a link to itself" else spoilt.write_text("a file")
    [failure] = [event for event in chain.fetch(DAY).all_events if event.is_step_failure]
    description = failure.step_failure_data.user_failure_data.description
    assert place in description
    assert "\n" not in description
    assert "name another folder by its setting" in description
