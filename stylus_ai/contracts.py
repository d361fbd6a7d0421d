"""The contracts beside the model's: built with it, deployed once, while models come and go.

``[contracts]`` of ``stylus-ai.toml`` names them. What is here knows no chain; ``upgrade`` deploys
them.
"""

from __future__ import annotations

from collections.abc import Callable

from stylus_ai import build as builder
from stylus_ai.project import Companion, Project

REGISTRY = "registry"
"""Role of the contract that holds the versions of the model."""


def build_companions(
    project: Project, on_step: Callable[[str], None]
) -> dict[str, builder.WasmArtifact]:
    """Compile and check every contract of ``[contracts]``; by role.

    Raises:
        BuildError: One does not compile.
        CheckError: One breaks a rule of the project's profile.
    """
    return {companion.role: _build(project, companion, on_step) for companion in project.companions}


def _build(
    project: Project, companion: Companion, on_step: Callable[[str], None]
) -> builder.WasmArtifact:
    on_step(f"cargo build of {companion.crate}")
    raw = builder.build_contract(project.root, companion.crate, progress=on_step)
    artifact = builder.assemble(
        raw,
        project.wasm_of(companion.role),
        program_digest="",
        crate_digest="",
        profile=project.profile,
    )
    builder.check_wasm(artifact.path, project.profile).insist()
    artifact.save(project.build_of(companion.role))
    return artifact


def load_companion(project: Project, role: str) -> builder.WasmArtifact:
    """A contract that `build_companions` wrote.

    Raises:
        ProjectError: There is none yet.
    """
    return builder.WasmArtifact.load(project.wasm_of(role), project.build_of(role))
