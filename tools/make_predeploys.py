"""Compile the Solidity contracts that the embedded node has from the start, and write their code.

The sources, the pinned compiler (``package-lock.json``) and the outcome (``*.hex``, runtime code)
stand in ``crates/devnode/predeploys``. Needs npm and the npm registry; the node itself does not, as
it embeds the outcome. ``--check`` writes nothing, and fails if the outcome is not what is there.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1] / "crates" / "devnode" / "predeploys"
CONTRACTS = ("CacheManager", "StylusDeployer")

SETTINGS = {
    "optimizer": {"enabled": True, "runs": 200},
    "evmVersion": "cancun",  # every ArbOS version of the node has at least that
    # Without the hash of the sources at its end, the code depends on what it does alone.
    "metadata": {"appendCBOR": False},
    "outputSelection": {"*": {"*": ["evm.deployedBytecode.object"]}},
}


def compiled() -> dict[str, str]:
    """Contract name -> runtime code, as hex digits."""
    sources = {path.name: path.read_text() for path in sorted(FOLDER.glob("*.sol"))}
    contracts = solc(sources, SETTINGS)
    return {name: contracts[name]["evm"]["deployedBytecode"]["object"] for name in CONTRACTS}


def solc(sources: Mapping[str, str], settings: Mapping[str, Any]) -> dict[str, Any]:
    """What the pinned compiler makes of sources: contract name -> its output.

    Raises:
        SystemExit: npm fails, or the compiler complains: a warning is an error.
    """
    contents = {name: {"content": text} for name, text in sources.items()}
    question = {"language": "Solidity", "sources": contents, "settings": settings}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("package.json", "package-lock.json"):
            shutil.copy(FOLDER / name, folder)
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
        answer = run(
            ["node", "node_modules/solc/solc.js", "--standard-json"], folder, json.dumps(question)
        )
    output: dict[str, Any] = json.loads(answer[answer.index("{") :])
    if complaints := output.get("errors"):
        sys.exit("".join(complaint["formattedMessage"] for complaint in complaints))
    return {name: found for file in output["contracts"].values() for name, found in file.items()}


def run(command: list[str], folder: str, text: str = "") -> str:
    """What a command prints.

    It is given files, not pipes: solc.js fails on a pipe that holds more than 64 KiB.

    Raises:
        SystemExit: It is not there, or fails.
    """
    if shutil.which(command[0]) is None:
        sys.exit(f"{command[0]} is not in PATH: install Node.js")
    with tempfile.TemporaryFile("w+") as given, tempfile.TemporaryFile("w+") as said:
        given.write(text)
        given.seek(0)
        done = subprocess.run(
            command, cwd=folder, stdin=given, stdout=said, stderr=subprocess.STDOUT, check=False
        )
        said.seek(0)
        printed = said.read()
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{printed}")
    return printed


def main() -> None:
    """Write the code, or compare it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--check", action="store_true", help="compare only")
    check: bool = parser.parse_args().check
    different = []
    for name, code in compiled().items():
        path = FOLDER / f"{name}.hex"
        if not path.is_file() or path.read_text() != code + "\n":
            different.append(path.name)
        if not check:
            path.write_text(code + "\n")
        sys.stdout.write(f"{name}: {len(code) // 2:,} bytes\n")
    if check and different:
        sys.exit(f"Not what the sources compile to: {', '.join(different)}")


if __name__ == "__main__":
    main()
