"""The peers as contracts, ready to be created: sources, numbers and compilers meet here."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from eth_abi.abi import encode

from bench.peers import m2cgen
from bench.peers.compile import creation_code
from bench.peers.forests import Forest, rust_row, rust_tables, table
from bench.peers.lanes import tables
from bench.peers.networks import Mlp
from stylus_ai.blobs import init_code
from stylus_ai.build import WasmArtifact, assemble, build_contract, find_cargo, rust_env
from stylus_ai.chain.client import selector
from stylus_ai.codegen import emit, write
from stylus_ai.ir import Program
from stylus_ai.plan import plan
from stylus_ai.units import Bytes

RUST = Path(__file__).parent / "rust"
PROFILE = "arbos51"

STOP = b"\0"
"""What ``Store.sol`` puts before its data."""

OURS = "stylus-ai"

Shell = Literal["bare", "sdk"]
SHELLS: dict[Shell, str] = {"bare": "no SDK", "sdk": "stylus-sdk"}
"""Contracts around a crate that answers, by their folder."""


@dataclass(frozen=True)
class Peer:
    """A contract that answers 32 bytes for a packed row.

    Attributes:
        name: For the reader of the page.
        create: Code that creates it.
        held: Bytes of code of a second contract that holds its data.
        program: Whether it is a Stylus program, which must be activated.
        abi: Whether it takes ``answer(bytes)``; otherwise calldata is the row alone.
    """

    name: str
    create: bytes = field(repr=False)
    held: Bytes
    program: bool
    abi: bool

    def calldata(self, row: bytes) -> bytes:
        """Calldata for a packed row."""
        return selector("answer(bytes)") + encode(["bytes"], [row]) if self.abi else row


def mlp_in_solidity(mlp: Mlp) -> list[Peer]:
    """The network for the EVM: as people begin, and as cheap as we know how."""
    weights = np.concatenate([mlp.w1.ravel(), mlp.w2.ravel()]).astype(np.int8).tobytes()
    loops = encode(
        ["bytes", "int16[64]", "uint256", "int16[10]"],
        [weights, mlp.b1.tolist(), mlp.shift, mlp.b2.tolist()],
    )
    lanes = encode(["bytes"], [tables(mlp)])
    return [
        _evm("Solidity, nested loops", creation_code("MlpLoops") + loops, weights, abi=True),
        _evm("Solidity, 22 lanes in a word", creation_code("MlpLanes") + lanes),
    ]


def mlp_in_rust(mlp: Mlp, folder: Path, shell: Shell) -> Peer:
    """The network as nested loops over ``include_bytes!``."""
    numbers = (
        f"pub const SHIFT: u32 = {mlp.shift};\n"
        f"pub const B1: [i32; {len(mlp.b1)}] = {mlp.b1.tolist()};\n"
        f"pub const B2: [i32; {len(mlp.b2)}] = {mlp.b2.tolist()};\n"
    )
    files = {
        "numbers.rs": numbers.encode(),
        "w1.bin": mlp.w1.astype(np.int8).tobytes(),
        "w2.bin": mlp.w2.astype(np.int8).tobytes(),
    }
    return _stylus("Rust, nested loops", build(folder, shell, "mlp_loop", files), shell)


def mlp_of_ours(program: Program, folder: Path, shell: Shell) -> Peer:
    """What this project generates for the network."""
    return _stylus(OURS, build(folder, shell, "mlp_ours", {}, program), shell)


def trees_in_solidity(forest: Forest) -> list[Peer]:
    """The trees for the EVM: as nested ifs, and as a loop over a table."""
    shape = [len(forest.trees), sum(len(tree.feature) for tree in forest.trees)]
    leaves = sum(len(tree.leaves) for tree in forest.trees)
    nodes = table(forest)
    arguments = encode(
        ["bytes", "uint256", "uint256", "uint256", "int256"],
        [nodes, *shape, leaves, forest.base],
    )
    return [
        _evm("Solidity, loop over a table", creation_code("TreesTable") + arguments, nodes),
        _evm("Solidity, nested ifs", creation_code("TreesIfs", forest)),
    ]


def trees_in_rust(forest: Forest, folder: Path, shell: Shell) -> Peer:
    """The trees as a loop over tables."""
    files = {"row.rs": rust_row(forest).encode(), "tables.rs": rust_tables(forest).encode()}
    return _stylus("Rust, loop over a table", build(folder, shell, "trees_loop", files), shell)


def trees_by_m2cgen(program: Program, forest: Forest, folder: Path, shell: Shell) -> Peer:
    """m2cgen's Rust, made integer."""
    trees = m2cgen.integer(program, forest).encode()
    files = {"row.rs": rust_row(forest).encode(), "trees.rs": trees}
    built = build(folder, shell, "trees_m2cgen", files)
    return _stylus("m2cgen's Rust, made integer", built, shell)


def trees_of_ours(program: Program, folder: Path, shell: Shell) -> Peer:
    """What this project generates for the trees."""
    return _stylus(OURS, build(folder, shell, "trees_ours", {}, program), shell)


def m2cgen_as_it_is(program: Program, forest: Forest, folder: Path) -> WasmArtifact:
    """m2cgen's Rust with its floats: it builds, and no chain takes it."""
    files = {
        "row.rs": rust_row(forest).encode(),
        "trees.rs": m2cgen.floating(program, forest).encode(),
    }
    return build(folder, "sdk", "trees_m2cgen_raw", files)


def build(
    folder: Path,
    shell: Shell,
    peer: str,
    files: Mapping[str, bytes],
    program: Program | None = None,
) -> WasmArtifact:
    """Build a peer's crate in a contract.

    Args:
        folder: Where to build; made anew.
        shell: The contract around it.
        peer: Folder of its crate.
        files: What is written beside its ``lib.rs``.
        program: What its crate ``model`` is generated from, if it has one.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(RUST / shell, folder)
    shutil.copytree(RUST / peer, folder / "peer")
    for name, content in files.items():
        (folder / "peer" / "src" / name).write_bytes(content)
    if program is not None:
        write(emit(program, plan(program)), folder / "model")
        if shell == "sdk":
            _extend_lock(folder)
    raw = build_contract(folder, "contract")
    wasm = folder / "contract.wasm"
    return assemble(raw, wasm, program_digest="", crate_digest="", profile=PROFILE)


def _extend_lock(folder: Path) -> None:
    """Enter the generated crates, which depend on nothing from outside, into the lock file."""
    command = [str(find_cargo()), "update", "--workspace", "--offline", "--quiet"]
    subprocess.run(command, cwd=folder, env=rust_env(folder), check=True)


def _evm(name: str, create: bytes, data: bytes = b"", *, abi: bool = False) -> Peer:
    held = Bytes(len(STOP) + len(data)) if data else Bytes(0)
    return Peer(name, create, held, program=False, abi=abi)


def _stylus(name: str, artifact: WasmArtifact, shell: Shell) -> Peer:
    return Peer(
        f"{name}, {SHELLS[shell]}",
        init_code(artifact.code),
        Bytes(0),
        program=True,
        abi=shell == "sdk",
    )
