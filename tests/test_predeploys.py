"""The embedded node's Solidity contracts are what their sources compile to."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

pytestmark = [pytest.mark.slow, pytest.mark.npm, pytest.mark.registry]


def test_the_committed_code_is_what_the_pinned_compiler_makes() -> None:
    script = ROOT / "tools" / "make_predeploys.py"
    done = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "CacheManager: " in done.stdout
    assert "StylusDeployer: " in done.stdout
