"""`headers` sections of routes, put together."""


def with_value(response: dict[str, object], name: str, value: str) -> dict[str, object]:
    """The section for one side with a header set, unless it sets that itself."""
    changes = response.get("set", {})
    assert isinstance(changes, dict)
    return {**response, "set": {name: value.replace("%", "%%"), **changes}}


def merged(one: dict[str, object], other: dict[str, object]) -> dict[str, object]:
    """Two `headers` sections in one; only `set`, `add` and `remove` below request and response."""
    out: dict[str, object] = {**one}
    for side, changes in other.items():
        mine = out.get(side, {})
        assert isinstance(mine, dict)
        assert isinstance(changes, dict)
        out[side] = {**mine, **{k: _joined(mine.get(k), v) for k, v in changes.items()}}
    return out


def _joined(one: object, other: object) -> object:
    if isinstance(one, dict) and isinstance(other, dict):
        return {**one, **other}
    if isinstance(one, list) and isinstance(other, list):
        return [*one, *(item for item in other if item not in one)]
    return other
