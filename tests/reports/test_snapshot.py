"""Snapshots as text, and what differs between two of them."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from stylus_ai.errors import ProjectError
from stylus_ai.reports.snapshot import Change, Figure, compare, from_text, read, to_text, write

FILE = Path(".stylus-snapshot")
CODE = Figure("lender:code", "bytes", 9_035)
CALL = Figure("lender:predict:median", "gas", 22_736)


def test_a_snapshot_is_a_line_for_each_figure_and_reads_back(tmp_path: Path) -> None:
    write((CODE, CALL), tmp_path / FILE)
    assert (tmp_path / FILE).read_text().splitlines()[1:] == [
        "lender:code (bytes: 9035)",
        "lender:predict:median (gas: 22736)",
    ]
    assert read(tmp_path / FILE) == (CODE, CALL)


def test_empty_lines_and_comments_of_the_users_are_left_out() -> None:
    text = "# ours\n\nlender:code (bytes: 9035)\r\n   \n# the dear one\n"
    assert from_text(text, FILE) == (CODE,)


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("", "holds no figures"),
        ("# nothing\n", "holds no figures"),
        ("lender:code (bytes: 1)\n<<<<<<< HEAD\n", 'line 2: "<<<<<<< HEAD" is no figure'),
        ("lender:code (bytes: -1)\n", "is no figure"),
        ("lender:code (bytes: 1.5)\n", "is no figure"),
        ("lender:code (ink: 1)\n", "is no figure"),
        ("CreditTest:testScore() (gas: 1)\n", "is no figure"),
        (
            "lender:code (bytes: 1)\nlender:code (bytes: 2)\n",
            "line 2: lender:code stands there twice",
        ),
        (f"lender:code (bytes: {'9' * 5000})\n", r"9\.\.\.\" is no figure"),
    ],
)
def test_a_damaged_file_is_refused_with_its_line_and_the_way_out(text: str, cause: str) -> None:
    with pytest.raises(ProjectError, match=cause) as caught:
        from_text(text, FILE)
    assert "stylus-ai snapshot" in caught.value.next_step


def test_a_missing_file_and_one_that_is_no_text_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"There is no \.stylus-snapshot here yet"):
        read(tmp_path / FILE)
    (tmp_path / FILE).write_bytes(b"\xff\xfe")
    with pytest.raises(ProjectError, match="is no text"):
        read(tmp_path / FILE)


def test_equal_snapshots_differ_in_nothing_whatever_their_order() -> None:
    assert compare((CODE, CALL), (CALL, CODE)) == ()


def test_one_gas_more_is_a_change_with_its_share() -> None:
    (change,) = compare((CODE, CALL), (CODE, Figure(CALL.name, "gas", 22_737)))
    assert (change.old, change.new, change.absolute) == (22_736, 22_737, 1)
    assert change.percent == pytest.approx(100 / 22_736)
    assert not change.accepted


def test_figures_that_came_or_went_are_changes_without_a_share() -> None:
    came = Figure("lender:explain", "gas", 7)
    first, second = compare((CODE, CALL), (CALL, came), Decimal(100))
    assert first == Change("lender:explain", "gas", None, 7, accepted=False)
    assert second == Change("lender:code", "bytes", 9_035, None, accepted=False)
    assert (first.absolute, first.percent, second.absolute) == (None, None, None)


@pytest.mark.parametrize(
    ("new", "tolerance", "accepted"),
    [
        (1_010, "1", True),
        (1_011, "1", False),
        (990, "1", True),
        (989, "1", False),
        (1_001, "0", False),
    ],
)
def test_the_tolerance_holds_both_ways_and_to_the_unit(
    new: int, tolerance: str, accepted: bool
) -> None:
    old = Figure("m:create", "gas", 1_000)
    (change,) = compare([old], [Figure("m:create", "gas", new)], Decimal(tolerance))
    assert change.accepted == accepted


def test_a_figure_in_another_unit_is_never_within_the_tolerance() -> None:
    (change,) = compare([CODE], [Figure(CODE.name, "gas", CODE.value)], Decimal(100))
    assert not change.accepted


def test_the_header_says_who_wrote_the_file() -> None:
    assert to_text((CODE,)).startswith("# Written by stylus-ai snapshot")
