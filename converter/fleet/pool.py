"""The same function for many items, on as many processes as asked for; results in the order of the items."""

import itertools
import multiprocessing
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

_AHEAD = 4  # items for each process that are under way at once: what they give is in memory until it is taken


@contextmanager
def pool(processes: int) -> Iterator["Pool"]:
    """Processes that are there until the body ends. With one, everything happens in this one."""
    if processes <= 1:
        yield Pool(None, 1)
        return
    executor = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("forkserver"))
    try:
        yield Pool(executor, processes)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


class Pool:
    """Where functions are carried out."""

    def __init__(self, executor: ProcessPoolExecutor | None, processes: int) -> None:
        self._executor, self._processes = executor, processes

    def spread(self, function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
        """The results in order. Raises what the function raises."""
        if self._executor is None:
            yield from map(function, items)
            return
        left = iter(items)
        running: deque[Future[Result]] = deque()
        for item in itertools.islice(left, self._processes * _AHEAD):
            running.append(self._executor.submit(function, item))
        while running:
            yield running.popleft().result()
            for item in itertools.islice(left, 1):
                running.append(self._executor.submit(function, item))
