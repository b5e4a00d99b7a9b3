"""Doing the same work for many things, so many at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import NoReturn, TypeVar

Thing = TypeVar("Thing")


async def in_parallel(work: Callable[[Thing], Awaitable[None]], things: Iterable[Thing], at_once: int) -> None:
    """Do the work for every thing, begun in their order, so many at once.

    Raises:
        BaseException: The first error of the work; it stops all of it.
    """
    waiting = iter(things)

    async def worker() -> None:
        for thing in waiting:
            await work(thing)

    try:
        async with asyncio.TaskGroup() as group:
            for _ in range(at_once):
                group.create_task(worker())
    except BaseExceptionGroup as errors:
        _raise_first(errors)


def _raise_first(errors: BaseExceptionGroup[BaseException]) -> NoReturn:
    first = errors.exceptions[0]
    if isinstance(first, BaseExceptionGroup):
        _raise_first(first)
    raise first from first.__cause__
