"""The committed bundle of viem, and the page's packing of rows by Node.js."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from stylus_ai.ir import Feature, Features

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "scaffold" / "page"


@pytest.mark.slow
@pytest.mark.npm
@pytest.mark.registry
def test_the_committed_bundle_is_what_the_pinned_versions_make() -> None:
    script = ROOT / "tools" / "make_viem.py"
    done = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((ROOT / "tools" / "viem" / "package-lock.json").read_text())
    assert all("resolved" not in package for package in lock["packages"].values())
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


def test_the_licences_are_of_the_packages_in_the_bundle() -> None:
    heading = (PAGE / "viem.js").read_text(encoding="utf-8").split("\n", 1)[0]
    named = heading.partition(" of ")[2].partition(";")[0].split(", ")
    licences = (PAGE / "viem.LICENSE").read_text(encoding="utf-8")
    assert any(name.startswith("viem ") for name in named)
    for name in named:
        assert f"{name}\n\n" in licences
    assert licences.count("Permission is hereby granted") == len(named)


@pytest.mark.npm
@pytest.mark.parametrize(
    ("features", "row"),
    [
        (
            Features(
                (
                    Feature("a", -128, 127),
                    Feature("b", 0, 60_000),
                    Feature("c", -300, 2, scale=100),
                    Feature("d", 0, 2**31 - 2),
                )
            ),
            [-3, 513, -29_999, 2**31 - 2],
        ),
        (Features(tuple(Feature(f"p{i}", 0, 15) for i in range(5)), bits=4), [1, 15, 0, 9, 7]),
        (Features(tuple(Feature(f"p{i}", 0, 1) for i in range(9)), bits=1), [1, 0] * 4 + [1]),
    ],
    ids=["bytes", "4 bits", "1 bit"],
)
def test_the_page_packs_rows_as_python_does(features: Features, row: list[int]) -> None:
    project = {
        "model": {"bits": features.bits},
        "features": [{"name": f.name, "width": f.width, "signed": f.signed} for f in features],
    }
    source = (PAGE / "rows.js").read_text(encoding="utf-8")
    call = f"{source}\nconsole.log(pack({json.dumps(project)}, {row}));"
    done = subprocess.run(
        ["node", "--input-type=module", "-e", call], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "0x" + features.pack(row).hex()
