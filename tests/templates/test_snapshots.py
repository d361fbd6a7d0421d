"""Gas and size of each kit are those of its committed snapshot."""

from __future__ import annotations

from pathlib import Path

import pytest

from scaffold import templates
from stylus_ai.reports.snapshot import compare, read
from tools.snapshot_kits import FOLDER, measure

pytestmark = [pytest.mark.wasm, pytest.mark.node]


@pytest.mark.parametrize("kit", [kit.value for kit in templates.kits()])
def test_a_kit_is_as_large_and_as_dear_as_its_snapshot_says(kit: str, tmp_path: Path) -> None:
    changes = compare(read(FOLDER / kit), measure(kit, tmp_path))
    assert not changes, f"{changes}\nIf this is meant: python -m tools.snapshot_kits"
