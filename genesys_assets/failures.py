"""Turns errors into Dagster's failures: whether the step is retried, a sentence for people, and the facts.

Belongs here: that translation, which wraps every asset, check, op and the IO manager, so that an error is reported
alike wherever it arises. What can go wrong is `errors`; how often a step is retried, its retry policy says.
"""

from __future__ import annotations

import errno
import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar, cast

import dagster as dg
from dagster import DagsterError, DagsterExecutionInterruptedError

from genesys_assets.errors import ProjectError
from genesys_assets.secrecy import redacted
from genesys_assets.texts import line

LONGEST_TEXT = 20_000
"""How much of an error's text is searched for secrets."""
P = ParamSpec("P")
T = TypeVar("T")

INTERRUPTS = (KeyboardInterrupt, DagsterExecutionInterruptedError)

_PASSING = frozenset(
    {
        errno.EAGAIN,
        errno.EBUSY,
        errno.EHOSTDOWN,
        errno.EHOSTUNREACH,
        errno.EINTR,
        errno.EMFILE,
        errno.ENETDOWN,
        errno.ENETRESET,
        errno.ENETUNREACH,
        errno.ENFILE,
        errno.ENOLCK,
        errno.ESTALE,
        errno.ETIMEDOUT,
    }
)
"""Errors of the system that may be gone in a minute, unlike a full disk or a missing permission."""


_OF_FILES = frozenset(
    {
        errno.EACCES,
        errno.EDQUOT,
        errno.EEXIST,
        errno.EFBIG,
        errno.EIO,
        errno.EISDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.ENODEV,
        errno.ENOENT,
        errno.ENOLCK,
        errno.ENOSPC,
        errno.ENOSYS,
        errno.ENOTDIR,
        errno.ENOTEMPTY,
        errno.ENOTSUP,
        errno.ENXIO,
        errno.EPERM,
        errno.EROFS,
        errno.ESTALE,
    }
)
"""Errors of a file or folder: its disk is gone or full, a permission or a lock is missing, a link is wrong."""
_LONGEST_REASON = 300


@contextmanager
def as_failures() -> Iterator[None]:
    """Turn each error of the block into the Dagster failure that says whether the step may be retried.

    Raises:
        dagster.Failure: Replaces any error that is neither Dagster's own nor an interrupt.
    """
    try:
        yield
    except (dg.Failure, dg.RetryRequested, DagsterError):
        raise
    except Exception as error:
        if is_interrupt(error):
            raise
        raise failure_for(error) from _presentable(error)


def with_failures(work: Callable[P, T]) -> Callable[P, T]:
    """Return `work`, a function or a generator, with `as_failures` around it."""
    if inspect.isgeneratorfunction(work):

        @functools.wraps(work)
        def generating(*args: P.args, **kwargs: P.kwargs) -> Iterator[Any]:
            with as_failures():
                yield from cast("Iterator[Any]", work(*args, **kwargs))

        return cast("Callable[P, T]", generating)

    @functools.wraps(work)
    def working(*args: P.args, **kwargs: P.kwargs) -> T:
        with as_failures():
            return work(*args, **kwargs)

    return working


def failure_for(error: Exception) -> dg.Failure:
    """Return an error as Dagster's failure: with its own text, or with a general one if the project did not foresee it.

    The text of the latter may quote rows, so only the step's log shows it, as the failure's cause.
    """
    if isinstance(error, ProjectError):
        return dg.Failure(str(error), metadata=dict(error.facts), allow_retries=error.transient)
    name = type(error).__name__
    if said := refused_by_the_system(error):
        return dg.Failure(said, allow_retries=may_pass(error))
    if may_pass(error):
        return dg.Failure(f"The network or the machine failed for a while ({name}): the step is tried again.")
    return dg.Failure(
        f"An error that was not foreseen ended the step ({name}), and trying again would not mend it: see what it says "
        "in the log of the run, and report it if that does not help.",
        allow_retries=False,
    )


def refused_by_the_system(error: Exception) -> str | None:
    """Return a text for an error of a file or a folder, with what to do; None for any other error."""
    if not isinstance(error, OSError) or isinstance(error, ConnectionError | TimeoutError):
        return None
    if error.errno not in _OF_FILES and not (error.errno is None and "(os error" in str(error)):  # polars has no number
        return None
    return redacted(
        f"A file or a folder could not be used ({line(str(error), _LONGEST_REASON)}): see that its disk is there and "
        "has room, that this process may read, write and lock in it, that no file stands in a folder's place, and that "
        "no link leads in a circle; or name another folder by its setting. Then run this again."
    )


def _presentable(error: Exception) -> Exception:
    """Return the error as Dagster may store it: another one if it, or one of its causes, holds a secret."""
    said, each = [], cast("BaseException | None", error)
    while each is not None:
        said.append(f"{type(each).__name__}: {each}"[:LONGEST_TEXT])
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    if all(redacted(text) == text for text in said):
        return error
    return RuntimeError(redacted("; because of ".join(said))).with_traceback(error.__traceback__)


def may_pass(error: BaseException | None) -> bool:
    """Tell whether an error may be gone later, by its kind or its cause's, as errors of the network and the system."""
    if error is None or isinstance(error, ProjectError):
        return error is not None and error.transient
    passes = (
        isinstance(error, ConnectionError | TimeoutError)
        or (isinstance(error, OSError) and error.errno in _PASSING)
        or type(error).__name__ == "OperationalError"  # PEP 249: the database of the Dagster instance was out of reach
    )
    return passes or may_pass(error.__cause__)


def is_interrupt(error: BaseException | None) -> bool:
    """Tell whether an error is an interrupt, or caused by one: DuckDB raises a RuntimeError then."""
    return isinstance(error, INTERRUPTS) or (error is not None and isinstance(error.__cause__, INTERRUPTS))
