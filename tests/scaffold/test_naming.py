"""Names that a project may have, and those it may not."""

from __future__ import annotations

import pytest

from scaffold.naming import check_project_name
from stylus_ai.errors import UsageError


@pytest.mark.parametrize("name", ["a", "my-lender", "my_lender", "lender2", "x" * 64])
def test_a_good_name_is_returned_as_it_is(name: str) -> None:
    assert check_project_name(name, "") == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "lower-case letters"),
        ("My-Lender", "lower-case letters"),
        ("2lender", "lower-case letters"),
        ("-lender", "lower-case letters"),
        ("le nder", "lower-case letters"),
        ("lender/../x", "lower-case letters"),
        ("lender\n", "lower-case letters"),
        ("größe", "lower-case letters"),
        ("x" * 65, "lower-case letters"),
        ("match", "keyword of Rust"),
        ("self", "keyword of Rust"),
        ("gen", "keyword of Rust"),
        ("lambda", "keyword of Python"),
        ("model", "has this name already"),
        ("contract", "has this name already"),
        ("stylus_ai", "has this name already"),
        ("proc_macro", "has this name already"),
        ("con", "has this name already"),
    ],
)
def test_a_bad_name_is_refused_with_the_reason(name: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason) as caught:
        check_project_name(name, "Choose another.")
    assert caught.value.next_step == "Choose another."
