"""Small cargo workspaces, and an environment whose caches belong to the test."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from stylus_ai.build.tools import rust_env

Workspace = Callable[[str, Mapping[str, str]], Path]

CONTRACT = """
[package]
name = "contract"
version = "0.1.0"
edition = "2024"

[lib]
crate-type = ["lib", "cdylib"]
"""

FLAGS = """
[target.wasm32-unknown-unknown]
rustflags = ["-Clink-arg=-zstack-size=16384", "-Clink-arg=--max-memory=65536"]
"""

LOCK = """
version = 4

[[package]]
name = "contract"
version = "0.1.0"
"""

ENTRY = '#[unsafe(no_mangle)]\npub extern "C" fn user_entrypoint(len: usize) -> usize { %s }\n'
"""A contract without imports; what stands for %s computes the status."""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """Makes a cargo workspace of one contract crate; more files as path -> text."""

    def make(name: str, files: Mapping[str, str]) -> Path:
        root = tmp_path / name
        standard = {
            "Cargo.toml": '[workspace]\nmembers = ["contract"]\nresolver = "3"\n'
            '[profile.release]\npanic = "abort"\nlto = true\nstrip = true\n',
            "Cargo.lock": LOCK,
            "contract/Cargo.toml": CONTRACT,
            ".cargo/config.toml": FLAGS,
        }
        for path, text in {**standard, **files}.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        return root

    return make


@pytest.fixture
def cargo_env(tmp_path: Path) -> dict[str, str]:
    """Environment for cargo with a target folder of the test's own."""
    env = rust_env()
    env["CARGO_TARGET_DIR"] = str(tmp_path / "shared-target")
    return env
