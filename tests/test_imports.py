"""Imports go one way: a stage may use an earlier one, never a later one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

STAGES = [
    "errors",
    "units",
    "strict_json",
    "words",
    "blobs",
    "project",
    "ir",
    "oblivious",
    "frontends",
    "compress",
    "plan",
    "codegen",
    "cost",
    "fixtures",
    "metrics",
    "compression",
    "training",
    "build",
    "contracts",
    "chain",
    "reports",
    "scripts",
    "pipeline",
    "upgrade",
    "measurement",
    "snapshots",
    "trial",
    "rungs",
    "pricing",
]
"""The framework in processing order; ARCHITECTURE.md says what each stage takes and gives."""

FORBIDDEN = {
    "ir": {"project", "sklearn", "web3"},
    "plan": {"project", "sklearn", "web3"},
    "codegen": {"project", "sklearn", "web3"},
    "frontends": {"project", "web3"},
}
"""What a stage may not use although it comes later than it, and libraries it must do without."""


def imported(path: Path) -> set[str]:
    """Dotted names of the modules that a source file imports, wherever the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            names.add(node.module or "")
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def stage_of(name: str) -> str | None:
    """Stage of a dotted module name, or None where it is none of ours."""
    parts = name.split(".")
    return parts[1] if parts[0] == "stylus_ai" and len(parts) > 1 else None


def test_every_module_of_the_framework_belongs_to_a_listed_stage() -> None:
    present = {
        entry.stem
        for entry in (ROOT / "stylus_ai").iterdir()
        if (entry.is_dir() and (entry / "__init__.py").exists()) or entry.suffix == ".py"
    }
    assert present - {"__init__"} == set(STAGES)


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_imports_no_later_stage(stage: str) -> None:
    base = ROOT / "stylus_ai" / stage
    files = sorted(base.rglob("*.py")) if base.is_dir() else [base.with_suffix(".py")]
    allowed = STAGES[: STAGES.index(stage) + 1]
    for path in files:
        for name in imported(path):
            used = stage_of(name)
            assert used is None or used not in STAGES or used in allowed, f"{path} imports {name}"
            for banned in FORBIDDEN.get(stage, ()):
                assert used != banned, f"{path} imports {name}"
                assert name.split(".")[0] != banned, f"{path} imports {name}"


def test_the_framework_never_imports_the_command_line() -> None:
    for path in (ROOT / "stylus_ai").rglob("*.py"):
        assert not any(name.split(".")[0] == "scaffold" for name in imported(path)), path


def test_only_the_console_prints() -> None:
    for path in [*(ROOT / "scaffold").rglob("*.py"), *(ROOT / "stylus_ai").rglob("*.py")]:
        if path == ROOT / "scaffold" / "console.py" or path.name == "wasm_target.py":
            continue
        calls = [
            node
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "print"
        ]
        assert not calls, f"{path}:{calls[0].lineno} prints"
