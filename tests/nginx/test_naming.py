from converter.nginx.naming import Names


def test_names_are_told_apart_by_numbers() -> None:
    names = Names()
    assert [names.unique(wanted) for wanted in ("a", "a", "a-2", "a", "a-2")] == ["a", "a-2", "a-2-2", "a-3", "a-2-3"]


def test_an_owner_gets_its_name_again() -> None:
    names = Names()
    found = [names.unique("a", owner) for owner in ("one", "two", "one", "two", "three")]
    assert found == ["a", "a-2", "a", "a-2", "a-3"]


def test_many_equal_names_take_linear_time() -> None:
    names = Names()
    assert len({names.unique("a") for _ in range(200_000)}) == 200_000
