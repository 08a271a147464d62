"""The same function for many items, on one process or several."""

from collections.abc import Iterator

import pytest

from converter.fleet.pool import pool


def double(number: int) -> int:
    return 2 * number


def broken(number: int) -> int:
    raise ValueError(f"no {number}")


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_the_order_of_the_items(processes: int) -> None:
    with pool(processes) as run:
        assert list(run.spread(double, range(50))) == [2 * number for number in range(50)]
        assert list(run.spread(double, [])) == []


@pytest.mark.parametrize("processes", [1, 2])
def test_what_the_function_raises_is_raised(processes: int) -> None:
    with pool(processes) as run, pytest.raises(ValueError, match="no 3"):
        list(run.spread(broken, [3]))


def test_items_are_taken_only_as_they_are_needed() -> None:
    taken = []

    def items() -> Iterator[int]:
        for number in range(1000):
            taken.append(number)
            yield number

    with pool(2) as run:
        results = run.spread(double, items())
        assert next(results) == 0
        assert len(taken) < 20
