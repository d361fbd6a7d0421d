"""The recorded lengths that the Rust crate is tested with."""

from __future__ import annotations

from tools.record_brotli import GOLDEN, recording


def test_the_recorded_lengths_are_the_c_librarys() -> None:
    """Whatever version of the library is installed makes the same file."""
    assert GOLDEN.read_text(encoding="utf-8") == recording()
