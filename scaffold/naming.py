"""Names of projects: what is refused, and why, before anything is written."""

from __future__ import annotations

import keyword

from stylus_ai.errors import UsageError
from stylus_ai.project import CRATE_NAME

_RUST = """
abstract as async await become box break const continue crate do dyn else enum extern false final
fn for gen if impl in let loop macro match mod move mut override priv pub ref return self static
struct super trait true try type typeof unsafe unsized use virtual where while yield
"""
RUST_KEYWORDS = frozenset(_RUST.split())
"""Strict and reserved keywords of the 2024 edition, in lower case."""

_TAKEN = """
alloc aux build con contract core deps examples incremental model nul prn proc_macro std stylus_ai
stylus_kernels stylus_sdk test tests
"""
TAKEN = frozenset(_TAKEN.split())
"""Crates that a project has anyway, folders of cargo's, names that Windows keeps; _ for -."""


def check_project_name(name: str, next_step: str) -> str:
    """Return ``name`` if cargo, Python and every file system take it.

    Args:
        name: What the user chose.
        next_step: What to type instead.

    Raises:
        UsageError: The name is no crate name, a keyword, or taken.
    """
    problem = _problem(name)
    if problem:
        raise UsageError(f'"{name}" cannot be the name of a project: {problem}.', next_step)
    return name


def _problem(name: str) -> str:
    identifier = name.replace("-", "_")
    if not CRATE_NAME.fullmatch(name):
        return "only 1 to 64 lower-case letters, digits, - and _, with a letter first, will do"
    if identifier in RUST_KEYWORDS:
        return "it is a keyword of Rust"
    if keyword.iskeyword(identifier):
        return "it is a keyword of Python"
    if identifier in TAKEN:
        return "a crate, a folder or a device has this name already"
    return ""
