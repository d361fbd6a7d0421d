"""What the node counted and what the build named, joined; and how it is drawn."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from stylus_ai.build import Symbols
from stylus_ai.errors import ChainError
from stylus_ai.reports import Profile, flame_graph, read_profile, speedscope

CODE_HASH = "0x" + "ab" * 32


def node(kind: str, parent: int, ink: int, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "parent": parent, "ink": ink, "calls": 1, **more}


def answer(nodes: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    total = sum(entry["ink"] for entry in nodes)
    whole = {"nodes": nodes, "gasUsed": total // 10_000, "inkPrice": 10_000, "success": True}
    return whole | {"error": None, "truncated": False} | more


PROGRAM = node("program", 0, 4_000, address="0x01", codeHash=CODE_HASH)
"""Its own ink is what rounding took."""

SYMBOLS = Symbols(
    code_hash=CODE_HASH,
    raw={
        "stacks": [
            [{"function": "predict", "file": "/home/a/model/src/predict.rs", "line": 3}],
            [
                {"function": "predict", "file": "/home/a/model/src/sums.rs", "line": 10},
                {"function": "pick", "file": "/home/a/model/kernels/src/mask.rs", "line": 7},
            ],
            [{"function": "predict", "file": "/home/a/model/src/sums.rs", "line": 20}],
        ],
        "functions": [
            {
                "index": 3,
                "name": "predict",
                "first_block": 0,
                "blocks": [[[0, 2_500], [1, 300]], [[2, 2_600]]],
            }
        ],
    },
    parts={"src/sums.rs": [(9, 15, "tree 2"), (16, 30, "tree 10")]},
)


def predicted(blocks: list[list[int]]) -> Profile:
    """A transaction whose program runs the function of `SYMBOLS`."""
    ink = sum(entry[2] for entry in blocks)
    function = node("function", 1, ink, function=0, blocks=blocks)
    rest = 10_000 - (4_000 + ink) % 10_000
    nodes = [node("transaction", 0, 210_000_000 + rest), PROGRAM, function]
    return read_profile(answer(nodes), [SYMBOLS])


def test_the_ink_of_a_block_goes_where_its_operators_come_from() -> None:
    profile = predicted([[0, 1, 2_800], [1, 3, 7_800]])
    assert [(line.name, line.ink) for line in profile.parts()] == [
        ("tree 2", 300),
        ("tree 10", 7_800),
    ]
    (function,) = profile.functions()
    assert (function.name, function.calls, function.ink) == ("predict", 1, 10_600)


def test_the_bill_sums_up_to_the_gas() -> None:
    profile = predicted([[0, 1, 2_800]])
    assert sum(line.ink for line in profile.bill()) == profile.gas * 10_000
    assert [line.name for line in profile.bill()] == [
        "transaction",
        "running it",
        "rounded up to gas",
    ]


def test_what_depends_on_a_length_is_the_functions_own() -> None:
    profile = predicted([[1, 1, 2_600 + 5_000]])
    assert profile.parts()[0].ink == 2_600
    assert profile.functions()[0].ink == 7_600


def test_a_block_that_could_not_be_paid_is_not_charged() -> None:
    profile = predicted([[0, 2, 2_800], [1, 1, 0]])
    assert [(line.name, line.ink) for line in profile.parts()] == [("tree 2", 300)]


def test_other_programs_keep_their_functions_numbers() -> None:
    function = node("function", 1, 6_000, function=7, blocks=[[9, 1, 6_000]])
    profile = read_profile(answer([node("transaction", 0, 0), PROGRAM, function]))
    assert [line.name for line in profile.functions()] == ["function 7"]
    assert profile.parts() == []


def test_recursion_counts_its_total_once_and_may_be_deep() -> None:
    depth = 5_000
    nodes = [node("transaction", 0, 0), PROGRAM]
    nodes += [node("function", 1 + k, 2, function=0, blocks=[]) for k in range(depth)]
    profile = read_profile(answer(nodes), [SYMBOLS])
    (function,) = profile.functions()
    assert (function.calls, function.ink, function.total) == (depth, 2 * depth, 2 * depth)
    assert flame_graph(profile, "deep").count("predict (function)") > 1_000


@pytest.mark.parametrize("damaged", [{}, {"nodes": [{}]}, {"nodes": []}, {"nodes": None}])
def test_what_is_no_profile_is_refused(damaged: dict[str, Any]) -> None:
    with pytest.raises(ChainError, match="no profile"):
        read_profile(damaged)


def test_the_flame_graph_is_as_wide_as_the_ink_and_escapes_names() -> None:
    host = node("host", 1, 3_000, name="write_result")
    function = node("function", 1, 1_000, function=0, blocks=[])
    symbols = Symbols(
        CODE_HASH,
        {"stacks": [], "functions": [{"name": "drop<T>", "first_block": 0, "blocks": []}]},
        {},
    )
    nodes = [node("transaction", 0, 0), PROGRAM | {"ink": 0}, host, function]
    profile = read_profile(answer(nodes, gasUsed=1), [symbols])
    drawn = ElementTree.fromstring(flame_graph(profile, "a <call>"))  # noqa: S314 - our own text
    widths = {}
    for group in drawn.iter("{http://www.w3.org/2000/svg}g"):
        title, box = group[0].text or "", group[1]
        widths[title.split(" (")[0]] = float(box.attrib["width"])
    assert widths["write_result"] == pytest.approx(3 * widths["drop<T>"])
    assert widths["transaction"] == pytest.approx(1_200)


def test_speedscope_weighs_every_place_by_its_own_ink() -> None:
    profile = predicted([[0, 1, 2_800], [1, 3, 7_800]])
    written = json.loads(json.dumps(speedscope(profile, "a call")))
    (shown,) = written["profiles"]
    names = [frame["name"] for frame in written["shared"]["frames"]]
    stacks = {
        " > ".join(names[frame] for frame in sample[2:]): weight
        for sample, weight in zip(shown["samples"], shown["weights"], strict=True)
    }
    assert stacks == {
        "predict": 2_500,
        "predict > tree 2 > pick": 300,
        "predict > tree 10": 7_800,
    }
    assert shown["endValue"] == sum(shown["weights"]) == 10_600
