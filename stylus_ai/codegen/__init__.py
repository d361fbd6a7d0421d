"""Program and Plan to Rust: the ``model`` crate, and the contract's Solidity interface.

``rust/`` holds what is the same for every model, as real source that Rust's own tools lint;
the rest is written by these modules, formatted as rustfmt would.
"""

from stylus_ai.codegen.blobs import blobs_of
from stylus_ai.codegen.crate import MARKER, Crate, emit, write
from stylus_ai.codegen.parts import is_explained
from stylus_ai.codegen.solidity import abi_json, solidity_interface

__all__ = [
    "MARKER",
    "Crate",
    "abi_json",
    "blobs_of",
    "emit",
    "is_explained",
    "solidity_interface",
    "write",
]
