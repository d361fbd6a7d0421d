"""Words that no identifier of Rust or Solidity may be."""

from __future__ import annotations

_RESERVED = """
abstract address after alias anonymous apply as async auto await become bool box break byte bytes
calldata case catch const constant constructor continue contract copyof crate default define delete
do dyn else emit enum error event extern external fallback false final fixed fn for from function
gen if immutable impl implements import in indexed inline int interface internal is let library
loop macro mapping match memory mod modifier move mut mutable new null of override partial payable
pragma priv private promise pub public pure receive ref reference relocatable return returns sealed
self sizeof static storage string struct super supports switch throw trait true try type typedef
typeof uint unchecked unsafe unsized use using var view virtual where while yield
"""
RESERVED = frozenset(_RESERVED.split())
"""Keywords and reserved words of both, in lower case; Python's are asked of ``keyword``."""
