"""Compile the peers in Solidity and write their creation code, ``solidity/*.hex``.

Run as ``python -m bench.peers.compile``. Needs npm and the npm registry; the benchmark does not, as
it takes the outcome, which is committed. The compiler is the one that ``tools/make_predeploys.py``
pins. ``--check`` writes nothing, and fails if the outcome is not what is there.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from bench.models import boosted_100x3
from bench.peers.forests import Forest, solidity_ifs
from stylus_ai.errors import ProjectError
from tools.make_predeploys import solc

FOLDER = Path(__file__).parent / "solidity"
TREES_IN_CODE = "TreesIfs"
CONTRACTS = ("MlpLoops", "MlpLanes", "TreesTable", TREES_IN_CODE)

SETTINGS = {
    "viaIR": True,
    "optimizer": {"enabled": True, "runs": 1_000_000},  # cheap to call, at any size
    "evmVersion": "cancun",
    "metadata": {"appendCBOR": False},  # else the code ends in a hash of the sources
    "outputSelection": {"*": {"*": ["evm.bytecode.object"]}},
}


def hex_path(contract: str, forest: Forest | None = None) -> Path:
    """Where a contract's code stands; the name tells of which trees, where they are in the code."""
    suffix = f"-{forest.digest[:8]}" if forest else ""
    return FOLDER / f"{contract}{suffix}.hex"


def creation_code(contract: str, forest: Forest | None = None) -> bytes:
    """The committed code that creates a contract, to be followed by the constructor's arguments.

    Raises:
        ProjectError: There is none, or it is of other trees.
    """
    path = hex_path(contract, forest)
    if not path.is_file():
        raise ProjectError(f"{path} is missing.", "python -m bench.peers.compile")
    return bytes.fromhex(path.read_text())


def main() -> None:
    """Write the code, or compare it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--check", action="store_true", help="compare only")
    check: bool = parser.parse_args().check
    forest = Forest.of(boosted_100x3())
    sources = {path.name: path.read_text() for path in sorted(FOLDER.glob("*.sol"))}
    sources["TreesIfs.sol"] = solidity_ifs(forest)
    output = solc(sources, SETTINGS)
    different = []
    for name in CONTRACTS:
        code = output[name]["evm"]["bytecode"]["object"]
        path = hex_path(name, forest if name == TREES_IN_CODE else None)
        if not path.is_file() or path.read_text() != code + "\n":
            different.append(path.name)
        if not check:
            for old in FOLDER.glob(f"{name}*.hex"):
                old.unlink()
            path.write_text(code + "\n")
        sys.stdout.write(f"{name}: {len(code) // 2:,} bytes\n")
    if check and different:
        sys.exit(f"Not what the sources compile to: {', '.join(different)}")


if __name__ == "__main__":
    main()
