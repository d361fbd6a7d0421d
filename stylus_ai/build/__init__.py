"""Build: a generated project becomes a program that Stylus accepts.

Takes a cargo workspace with a contract crate; gives a `WasmArtifact` (re-encoded, compressed,
hashed) and a `CheckReport` against a chain profile. Also provides the tools for it: the wasm
target, the environment for cargo, the native binary.
"""

from stylus_ai.build.artifact import WasmArtifact, assemble
from stylus_ai.build.cargo import RawWasm, build_contract, shared_target
from stylus_ai.build.check import CheckReport, Finding, check_wasm
from stylus_ai.build.profiles import PROFILES, Profile, get_profile, profile_of_arbos
from stylus_ai.build.symbols import Symbols, symbols_path, write_symbols
from stylus_ai.build.tools import (
    RUST_VERSION,
    Toolchain,
    cache_dir,
    end_group,
    find_cargo,
    find_native,
    free_disk,
    rust_env,
    toolchain,
    version_of,
)

__all__ = [
    "PROFILES",
    "RUST_VERSION",
    "CheckReport",
    "Finding",
    "Profile",
    "RawWasm",
    "Symbols",
    "Toolchain",
    "WasmArtifact",
    "assemble",
    "build_contract",
    "cache_dir",
    "check_wasm",
    "end_group",
    "find_cargo",
    "find_native",
    "free_disk",
    "get_profile",
    "profile_of_arbos",
    "rust_env",
    "shared_target",
    "symbols_path",
    "toolchain",
    "version_of",
    "write_symbols",
]
