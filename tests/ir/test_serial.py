"""Programs as JSON: canonical, complete, and strict about everything else."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stylus_ai.errors import ModelError
from stylus_ai.ir import Program, verify
from tests.ir.strategies import encoded, networks, programs
from tests.ir.test_verify import program


@settings(max_examples=60, deadline=None)
@given(programs() | networks() | encoded())
def test_a_program_survives_the_round_trip_with_its_digest(original: Program) -> None:
    try:
        verify(original)
    except ModelError:
        assume(False)
    copy = Program.from_json(original.to_json())
    assert copy == original
    assert copy.digest == original.digest
    assert copy.to_json() == original.to_json()


def test_any_change_of_the_numbers_changes_the_digest() -> None:
    text = program().to_json()
    other = text.replace('"threshold":[30]', '"threshold":[31]')
    assert other != text
    assert Program.from_json(other).digest != program().digest


def mutations(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths of all parts of a JSON value."""
    found = [path]
    if isinstance(value, dict):
        for key, item in value.items():
            found += mutations(item, (*path, key))
    elif isinstance(value, list):
        for i, item in enumerate(value):
            found += mutations(item, (*path, i))
    return found


ODD: list[Any] = [
    None,
    True,
    -1,
    2**63,
    10**400,
    1.5,
    "",
    "x" * 500,
    [],
    {},
    [[]],
    [None],
    {"a": 1},
    "2",
]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_a_changed_part_is_refused_or_still_a_sound_program(data: st.DataObject) -> None:
    """Never anything but a ModelError, whatever stands at whatever place."""
    value = json.loads(program().to_json())
    path = data.draw(st.sampled_from(mutations(value)[1:]))
    parent = value
    for key in path[:-1]:
        parent = parent[key]
    if data.draw(st.booleans()):
        parent[path[-1]] = data.draw(st.sampled_from(ODD))
    elif isinstance(parent, dict):
        del parent[path[-1]]
    else:
        parent.insert(path[-1], parent[path[-1]])
    refused_or_sound(json.dumps(value))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 10**6), st.text(max_size=3), st.integers(0, 3))
def test_changed_characters_never_give_a_traceback(at: int, new: str, cut: int) -> None:
    text = program().to_json()
    at %= len(text)
    refused_or_sound(text[:at] + new + text[at + cut :])


def refused_or_sound(text: str) -> None:
    try:
        made = Program.from_json(text)
    except ModelError:
        return
    verify(made)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "not JSON"),
        ("[" * 100_000, "nested deeper"),
        ('{"a": "' + "[" * 100 + '"}', "format is missing"),
        ("{}", "format is missing"),
        ("[]", r"\$ is not an object"),
        ('{"format": "stylus-ai program 3"}', "format is not"),
        ('{"a": 1, "a": 2}', "twice"),
        ('{"a": NaN}', "NaN is not a number"),
        ('{"a": ' + "9" * 5_000 + "}", "not JSON"),
        ("\ud800", "not JSON"),
    ],
)
def test_broken_files(text: str, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        Program.from_json(text)


def test_the_place_is_named() -> None:
    value = json.loads(program().to_json())
    value["ops"][0]["trees"][0]["threshold"] = [1.5]
    with pytest.raises(ModelError, match=r"\$\.ops\[0\]\.trees\[0\]\.threshold"):
        Program.from_json(json.dumps(value))
    value = json.loads(program().to_json())
    value["surprise"] = 1
    with pytest.raises(ModelError, match="'surprise' is unknown"):
        Program.from_json(json.dumps(value))


def test_text_that_ends_up_in_source_code_holds_no_line_breaks() -> None:
    value = json.loads(program().to_json())
    value["source"] = "x\n#![feature(evil)]"
    with pytest.raises(ModelError, match="line break"):
        Program.from_json(json.dumps(value))
