"""The whole crate: generated modules, real sources that are copied, kernels; and writing it."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, assert_never

from stylus_ai import strict_json
from stylus_ai.codegen import columns, linear, network, parts, trees
from stylus_ai.codegen import input as rows
from stylus_ai.codegen.text import marked_parts
from stylus_ai.errors import ModelError, ProjectError, UsageError
from stylus_ai.ir import Affine, Bounds, Encode, Program, TreeSum, over_columns, verify
from stylus_ai.plan import Plan
from stylus_ai.plan.network import is_network, reads_packed

MARKER = ".generated"
"""File that says that a folder was written by ``write``, and what was in it."""

SDK_VERSION = "=0.10.10"

KEPT = frozenset({"target", "Cargo.lock"})
"""What cargo puts into the folder; carried over when the crate is written anew."""

ARGMAX_LIMIT = 2**39
"""What ``stylus_kernels::argmax`` can compare."""

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Crate:
    """A Rust crate as text.

    Attributes:
        program: Digest of the program.
        files: Contents by path, relative to the crate, with ``/``.
    """

    program: str
    files: Mapping[str, str]

    @cached_property
    def digest(self) -> str:
        """SHA-256 over paths and contents, 64 hex digits."""
        state = hashlib.sha256()
        for path, text in sorted(self.files.items()):
            data = text.encode()
            state.update(f"{path}\n{len(data)}\n".encode() + data)
        return state.hexdigest()

    @cached_property
    def parts(self) -> dict[str, list[tuple[int, int, str]]]:
        """By source file, which lines compute which part of the model (a tree, say)."""
        marked = {path: marked_parts(text) for path, text in self.files.items()}
        return {path: found for path, found in marked.items() if found}


def emit(program: Program, plan: Plan, crate_name: str = "model") -> Crate:
    """Write a program as a Rust crate; its library is always called ``model``.

    Args:
        program: The program.
        plan: Its plan.
        crate_name: Name of the package.

    Raises:
        UsageError: The plan is of another program.
        ModelError: The program is malformed, or has no kernel here.
    """
    if plan.program != program.digest:
        raise UsageError("The plan belongs to another program.", "Make it with plan(program).")
    bounds = verify(program)
    far = _reads_blobs(program, plan)
    files = {
        "Cargo.toml": _manifest(crate_name, far=far),
        "src/lib.rs": parts.lib_source(program, network.module_names(plan.layers), far=far),
        "src/constants.rs": parts.constants_source(program),
        "src/input.rs": rows.input_source(program),
        "src/predict.rs": _source(_predict(program, bounds, far=far)),
        "src/answer.rs": _source("blobs/answer.rs" if far else "src/answer.rs"),
        **_model(program, plan),
    }
    for name in ("src/error.rs", "src/info.rs", "src/range.rs"):
        files[name] = _source(name)
    if not reads_packed(program):
        files["src/abi.rs"] = _source("src/abi.rs")
    if not far:  # what is in blobs is not on this machine
        for name in ("tests/parity.rs", "examples/predict_rows.rs"):
            files[name] = _source(name)
    match program.task:
        case "binary":
            files["src/head.rs"] = parts.head_source(program)
            if parts.is_explained(program):
                files["src/explain.rs"] = parts.explain_source(program)
                files["src/probe.rs"] = _source("binary/probe.rs")
        case "multiclass" if "scores" in dict(program.outputs):
            files["src/head.rs"] = parts.shares_source(program)
        case "multiclass" | "regression":
            pass
        case _:
            assert_never(program.task)
    files |= {f"kernels/{name}": text for name, text in kernels().items()}
    return Crate(program=program.digest, files=files)


def _reads_blobs(program: Program, plan: Plan) -> bool:
    """Whether the model function takes the stream of blobs.

    Raises:
        ModelError: It should, and is binary.
    """
    far = network.reads_blobs(plan.layers)
    if far and program.task == "binary":
        raise ModelError(
            "The model function of a binary network reads no blobs.",
            "Give it two classes and their logits, or fewer weights.",
        )
    return far


def _model(program: Program, plan: Plan, columns_read: int = 0) -> dict[str, str]:
    """``sums.rs`` and ``leaves.rs``, and what they read where that is not the row."""
    first = program.ops[0]
    if isinstance(first, Encode):
        inner = _model(over_columns(program), plan, len(first.columns))
        return {
            name: columns.making_columns(text, first, program.features)
            for name, text in inner.items()
        }
    if plan.layers:
        return {
            **network.sources(program, plan.layers, columns_read),
            "src/leaves.rs": trees.leaves_source(program, (), plan),
        }
    match first:
        case TreeSum() as op:
            return {
                "src/sums.rs": trees.sums_source(program, op, plan),
                "src/leaves.rs": trees.leaves_source(program, program.trees, plan),
            }
        case Affine() as op:
            return {
                "src/sums.rs": linear.sums_source(program, op),
                "src/leaves.rs": trees.leaves_source(program, (), plan),
            }
        case other:
            raise ModelError(f"A program that begins with {type(other).__name__} has no kernel.")


def _predict(program: Program, bounds: Bounds, *, far: bool) -> str:
    """The model function: classes of a network are told apart without branches."""
    if far:
        return f"blobs/{program.task}.rs"
    if is_network(program) and program.task == "multiclass":
        names = dict(program.outputs)
        if bounds.values[names["logits"]].hull.fits(ARGMAX_LIMIT):
            return "network/scores.rs" if "scores" in names else "network/predict.rs"
    return f"{parts.kind(program)}/predict.rs"


def write(crate: Crate, directory: Path) -> bool:
    """Put a crate into a folder, whole or not at all.

    Args:
        crate: What to write.
        directory: Folder that does not exist yet, is empty, or was written by this function.

    Returns:
        False if the folder held this crate already and was left alone, so that cargo need not
        compile again.

    Raises:
        ProjectError: The folder holds something else, or generated files that were edited; they
            are named.
    """
    if directory.exists() and not directory.is_dir():
        raise ProjectError(f"{directory} is a file, not a folder.", "Move it away.")
    if directory.is_dir() and any(directory.iterdir()) and _present(directory) == crate.digest:
        return False
    directory.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=directory.parent, prefix=f".{directory.name}."))
    try:
        for name, text in crate.files.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        marker = {
            "about": "Written by stylus-ai build; edits are refused. Change the model instead.",
            "program": crate.program,
            "crate": crate.digest,
            "files": {name: _sha256(text.encode()) for name, text in sorted(crate.files.items())},
        }
        (fresh / MARKER).write_text(json.dumps(marker, indent=2) + "\n", encoding="utf-8")
        fresh.chmod(0o755)
        _swap(fresh, directory)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return True


def _swap(fresh: Path, directory: Path) -> None:
    """Put ``fresh`` in the place of ``directory``, which may exist."""
    if not directory.exists():
        fresh.rename(directory)
        return
    for name in KEPT:
        if (directory / name).exists():
            (directory / name).rename(fresh / name)
    old = Path(tempfile.mkdtemp(dir=directory.parent, prefix=f".{directory.name}.old."))
    directory.rename(old / "crate")
    fresh.rename(directory)
    shutil.rmtree(old)


def _present(directory: Path) -> str:
    """Digest of the crate that stands in a folder, unedited."""
    marker = directory / MARKER
    if not marker.is_file():
        raise ProjectError(
            f"{directory} was not written by stylus-ai: it has no {MARKER}.",
            "Move it away, or choose another folder.",
        )
    try:
        value: Any = strict_json.loads(marker.read_text(encoding="utf-8"))
        known: dict[str, str] = dict(value["files"])
        digest = str(value["crate"])
    except (ValueError, KeyError, TypeError):
        raise ProjectError(
            f"{marker} is damaged.", f"Move {directory} away and build again."
        ) from None
    strange = []
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        if path.is_dir() or name == MARKER or name.split("/")[0] in KEPT:
            continue
        if known.get(name) != _sha256(path.read_bytes()):
            strange.append(name)
    missing = [name for name in known if not (directory / name).is_file()]
    if strange:
        raise ProjectError(
            f"Generated files in {directory} were edited or added: {', '.join(strange[:10])}.",
            "Move your changes to the contract crate, then delete the folder and build again.",
        )
    return "" if missing else digest


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _source(name: str) -> str:
    """A Rust file that is copied as it stands."""
    return (_HERE / "rust" / name).read_text(encoding="utf-8")


def kernels() -> dict[str, str]:
    """The kernels crate: in a wheel beside this file, in a checkout under crates/."""
    packaged, checkout = _HERE / "_kernels", _HERE.parents[1] / "crates" / "kernels"
    root = packaged if packaged.is_dir() else checkout
    names = ["Cargo.toml", "README.md", *(f"src/{p.name}" for p in (root / "src").glob("*.rs"))]
    return {name: (root / name).read_text(encoding="utf-8") for name in sorted(names)}


def _manifest(crate_name: str, *, far: bool) -> str:
    hostio = ', "stylus-sdk/hostio"' if far else ""
    return f"""\
# Written by stylus-ai build; edits are refused.
[package]
name = "{crate_name}"
version = "0.1.0"
edition = "2024"
publish = false

[lib]
name = "model"

[features]
# What a contract needs of this crate and no other: types and host functions of stylus-sdk.
abi = ["dep:stylus-sdk"{hostio}]

[dependencies]
stylus-kernels = {{ path = "kernels" }}
stylus-sdk = {{ version = "{SDK_VERSION}", default-features = false, optional = true }}

[lints.rust]
unsafe_code = "{"deny" if far else "forbid"}"
missing_docs = "deny"

[lints.clippy]
float_arithmetic = "deny"
arithmetic_side_effects = "deny"
"""
