"""The artifact: what the chain accepts, and nothing that does not belong together."""

from __future__ import annotations

from pathlib import Path

import brotli
import pytest

from stylus_ai.build import RawWasm, WasmArtifact, assemble, build_contract, check_wasm
from stylus_ai.build.artifact import encode, hash_of, inspect, named_path
from stylus_ai.errors import BuildError, ProjectError
from tests.build.conftest import ENTRY, Workspace
from tests.build.test_tools import program
from tests.chain.tiny_wasm import answer

DIGESTS = {"program_digest": "aa" * 32, "crate_digest": "bb" * 32, "profile": "arbos51"}


def test_code_is_the_prefix_and_the_wasm_compressed() -> None:
    module = answer(b"hello").build()
    code = encode(module)
    assert code[:4] == bytes.fromhex("eff00000")
    assert brotli.decompress(code[4:]) == module


def test_the_hash_is_keccak_256() -> None:
    """Of nothing: the value that every Ethereum client knows for an account without code."""
    assert hash_of(b"") == "0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"


@pytest.mark.node
def test_what_is_saved_is_what_is_loaded(tmp_path: Path) -> None:
    raw = RawWasm(answer(b"hello").build(), "contract", "1.95.0")
    wasm, build_file = tmp_path / "contract.wasm", tmp_path / "build.json"
    made = assemble(raw, wasm, **DIGESTS)
    made.save(build_file)
    assert WasmArtifact.load(wasm, build_file) == made
    assert made.size_compressed == len(made.code)
    assert made.size_raw == wasm.stat().st_size


@pytest.mark.node
def test_wasm_that_changed_since_the_build_is_found_out(tmp_path: Path) -> None:
    raw = RawWasm(answer(b"hello").build(), "contract", "1.95.0")
    wasm, build_file = tmp_path / "contract.wasm", tmp_path / "build.json"
    assemble(raw, wasm, **DIGESTS).save(build_file)
    wasm.write_bytes(answer(b"other").build())
    with pytest.raises(ProjectError, match="not the wasm") as caught:
        WasmArtifact.load(wasm, build_file)
    assert caught.value.next_step == "Build it again: stylus-ai build"


def test_a_missing_build_is_named(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="no finished build"):
        WasmArtifact.load(tmp_path / "contract.wasm", tmp_path / "build.json")


@pytest.mark.node
def test_a_program_that_is_not_the_native_one_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends with code 0 and does nothing."""
    silent = program(tmp_path / "bin", "stylus-devnode", "exit 0")
    monkeypatch.setenv("STYLUS_DEVNODE", str(silent))
    raw = RawWasm(answer(b"hello").build(), "contract", "1.95.0")
    with pytest.raises(BuildError, match="wrote no wasm") as caught:
        assemble(raw, tmp_path / "contract.wasm", **DIGESTS)
    assert "Unset STYLUS_DEVNODE" in caught.value.next_step
    wasm = tmp_path / "other.wasm"
    wasm.write_bytes(raw.data)
    with pytest.raises(BuildError, match="gave no JSON object"):
        inspect(wasm)


def test_bytes_that_are_no_wasm_are_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="not a wasm module"):
        assemble(RawWasm(b"\x7fELF", "contract", "1.95.0"), tmp_path / "contract.wasm", **DIGESTS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.node
def test_a_damaged_module_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    cut = answer(b"hello").build()[:-9]
    with pytest.raises(BuildError, match="wasm"):
        assemble(RawWasm(cut, "contract", "1.95.0"), tmp_path / "contract.wasm", **DIGESTS)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.node
@pytest.mark.wasm
def test_what_rustc_emits_is_refused_and_what_is_assembled_is_accepted(
    workspace: Workspace, cargo_env: dict[str, str], tmp_path: Path
) -> None:
    """The compiler pads the table index of call_indirect; Nitro wants one zero byte (rules 3)."""
    source = (
        'type F = extern "C" fn(usize) -> usize;\n'
        '#[inline(never)] extern "C" fn a(x: usize) -> usize { x + 1 }\n'
        '#[inline(never)] extern "C" fn b(x: usize) -> usize { x + 2 }\n'
        "#[unsafe(no_mangle)] static TABLE: [F; 2] = [a, b];\n"
    ) + ENTRY % "TABLE[len & 1](len)"
    raw = build_contract(workspace("project", {"contract/src/lib.rs": source}), environ=cargo_env)
    before = tmp_path / "raw.wasm"
    before.write_bytes(raw.data)

    made = assemble(raw, tmp_path / "contract.wasm", **DIGESTS)

    assert not check_wasm(before, "arbos51").ok
    assert check_wasm(made.path, "arbos51").ok
    assert made.size_raw < named_path(made.path).stat().st_size < len(raw.data)
