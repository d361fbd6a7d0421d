"""The check: each thing that Stylus refuses is named, with where it came from and a remedy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stylus_ai.build import assemble, build_contract, check_wasm, get_profile, profile_of_arbos
from stylus_ai.errors import BuildError, CheckError, UsageError
from tests.build.conftest import CONTRACT, ENTRY, LOCK, Workspace
from tests.chain.tiny_wasm import DROP, F64_ADD, Tiny, answer, call, const

pytestmark = pytest.mark.node


def written(folder: Path, module: bytes) -> Path:
    path = folder / "contract.wasm"
    path.write_bytes(module)
    return path


def test_a_good_module_has_no_findings_and_its_costs(tmp_path: Path) -> None:
    path = written(tmp_path, answer(b"hello").build())
    report = check_wasm(path, "arbos51")
    assert report.ok
    assert report.findings == ()
    assert report.memory_pages == 1
    assert report.data_bytes == len(b"hello")
    assert report.size_raw == path.stat().st_size
    # rules 7.1 and 7.2; five operators in two blocks of one function are 46 after metering
    engine = 31_733 * report.size_raw // 100_000 + 17_376 * 5 // 100_000 + 2_217 + 46 * 535 // 1_000
    assert report.activation_gas == 1_747_826 + 28 * engine
    report.insist()


def test_floats_are_named_with_operator_count(tmp_path: Path) -> None:
    double = b"\x44" + bytes(8)
    path = written(tmp_path, Tiny(double + double + F64_ADD + DROP + const(0)).build())
    report = check_wasm(path, "arbos51")
    (finding,) = report.findings
    assert (finding.level, finding.subject) == ("error", "floats")
    assert "function 0" in finding.what
    assert report.activation_gas is None
    with pytest.raises(CheckError, match="Floating point"):
        report.insist()


@pytest.mark.wasm
def test_floats_are_traced_to_the_function_and_the_crate_that_brought_them(
    workspace: Workspace, cargo_env: dict[str, str], tmp_path: Path
) -> None:
    manifest = '[package]\nname = "ratios"\nversion = "0.1.0"\nedition = "2024"\n'
    files = {
        "contract/Cargo.toml": CONTRACT + '[dependencies]\nratios = { path = "../ratios" }\n',
        "contract/src/lib.rs": ENTRY % "ratios::health_factor(len)",
        "ratios/Cargo.toml": manifest,
        "ratios/src/lib.rs": "#[inline(never)]\npub fn health_factor(debt: usize) -> usize {\n"
        "    (1e6 / (debt as f64 + 0.5)) as usize\n}\n",
        "Cargo.lock": LOCK + 'dependencies = ["ratios"]\n\n[[package]]\nname = "ratios"\n'
        'version = "0.1.0"\n',
    }
    raw = build_contract(workspace("project", files), environ=cargo_env)
    made = assemble(raw, tmp_path / "c.wasm", program_digest="", crate_digest="", profile="arbos51")
    (finding,) = check_wasm(made.path, "arbos51").findings
    assert finding.subject == "floats"
    assert "ratios::health_factor (crate ratios" in finding.what


def test_unknown_imports_are_named(tmp_path: Path) -> None:
    path = written(tmp_path, Tiny(call(0) + const(0), ("env.now",)).build())
    findings = check_wasm(path, "arbos51").findings
    assert [(f.level, f.subject) for f in findings] == [("error", "imports")]
    assert "env.now" in findings[0].what


def test_too_much_memory_is_an_error_and_much_memory_a_warning(tmp_path: Path) -> None:
    def found(pages: int) -> list[tuple[str, str]]:
        module = Tiny(const(0), pages=(pages, pages)).build()
        findings = check_wasm(written(tmp_path, module), "arbos51").findings
        return [(finding.level, finding.subject) for finding in findings]

    assert found(2) == []
    assert found(17) == [("warning", "memory")]
    assert found(129) == [("error", "memory")]


def test_code_over_the_limit_is_an_error_by_profile(tmp_path: Path) -> None:
    """40,000 bytes that do not compress: too large for one contract, not for two fragments."""
    noise = np.random.default_rng(1).bytes(40_000)
    path = written(tmp_path, Tiny(const(0), data=noise).build())
    errors = {
        name: [f.subject for f in check_wasm(path, name).findings if f.level == "error"]
        for name in ("arbos51", "arbos60", "arbos61")
    }
    assert errors == {"arbos51": ["size"], "arbos60": [], "arbos61": []}


def test_large_data_segments_are_a_warning_with_their_price(tmp_path: Path) -> None:
    path = written(tmp_path, Tiny(const(0), data=bytes(range(256)) * 16).build())
    (finding,) = check_wasm(path, "arbos51").findings
    assert (finding.level, finding.subject) == ("warning", "data")
    assert "4,096 bytes" in finding.what
    assert "3,072 gas" in finding.what


def test_another_refusal_is_passed_on_in_the_chain_s_words(tmp_path: Path) -> None:
    """A growable memory without pay_for_memory_grow (rules 3)."""
    path = written(tmp_path, Tiny(const(0), pages=(1, 2)).build())
    (finding,) = check_wasm(path, "arbos51").findings
    assert (finding.level, finding.subject) == ("error", "activation")
    assert "pay_for_memory_grow" in finding.what


def test_a_file_that_is_no_wasm_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, b"#!/bin/sh\n")
    with pytest.raises(BuildError, match="not a wasm module") as caught:
        check_wasm(path, "arbos51")
    assert ".wasm" in caught.value.next_step


def test_an_empty_or_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="nothing"):
        check_wasm(written(tmp_path, b""), "arbos51")
    with pytest.raises(BuildError, match="cannot be read"):
        check_wasm(tmp_path / "none.wasm", "arbos51")


def test_wasm_cut_off_in_the_middle_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="not a valid wasm module") as caught:
        check_wasm(written(tmp_path, answer(b"hello").build()[:-5]), "arbos51")
    assert "inspect" not in caught.value.cause
    assert "build it again" in caught.value.next_step


def test_an_unknown_profile_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UsageError, match="arbos99") as caught:
        get_profile("arbos99")
    assert "arbos51, arbos60, arbos61" in caught.value.next_step


@pytest.mark.parametrize(
    ("version", "name"), [(32, "arbos51"), (51, "arbos51"), (60, "arbos60"), (75, "arbos61")]
)
def test_a_chain_s_version_chooses_the_profile(version: int, name: str) -> None:
    assert profile_of_arbos(version).name == name
