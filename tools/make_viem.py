"""Bundle what the page of ``stylus-ai play`` uses of viem into one module, with the licences.

``tools/viem`` holds the pinned versions (``package-lock.json``) and the list of what is used
(``entry.js``); the outcome is ``scaffold/page/viem.js`` and ``viem.LICENSE``. Needs npm and the npm
registry; the page does not. ``--check`` writes nothing, and fails if the outcome is not what is
there.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / "tools" / "viem"
PAGE = ROOT / "scaffold" / "page"
MODULES = "node_modules"
BUNDLE = (
    *("entry.js", "--bundle", "--format=esm", "--minify", "--target=es2022", "--charset=utf8"),
    *("--legal-comments=none", "--metafile=meta.json", "--outfile=viem.js"),
)


def made() -> dict[str, str]:
    """Name -> text of the two files.

    Raises:
        SystemExit: npm or the bundler is missing or fails.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in SOURCE.iterdir():
            shutil.copy(file, folder)
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder)
        run(["node", f"{MODULES}/esbuild/bin/esbuild", *BUNDLE], folder)
        packages = bundled(json.loads((folder / "meta.json").read_text()))
        return {
            "viem.js": heading(folder, packages) + (folder / "viem.js").read_text(),
            "viem.LICENSE": "\n\n".join(licence(folder, package) for package in packages),
        }


def bundled(meta: dict[str, dict[str, dict[str, dict[str, object]]]]) -> list[str]:
    """Packages that the bundle holds something of, by the bundler's own account."""
    found = set()
    for path in meta["outputs"]["viem.js"]["inputs"]:
        parts = Path(path).parts
        if parts[0] == MODULES:
            found.add("/".join(parts[1:3] if parts[1].startswith("@") else parts[1:2]))
    return sorted(found)


def heading(folder: Path, packages: list[str]) -> str:
    """First line of the bundle: what it is, and of which versions."""
    names = ", ".join(f"{package} {version(folder, package)}" for package in packages)
    return f"// Made by tools/make_viem.py of {names}; licences: viem.LICENSE.\n"


def licence(folder: Path, package: str) -> str:
    """A package's name, version and licence text."""
    text = (folder / MODULES / package / "LICENSE").read_text().strip()
    return f"{package} {version(folder, package)}\n\n{text}\n"


def version(folder: Path, package: str) -> str:
    """Version of an installed package."""
    values = json.loads((folder / MODULES / package / "package.json").read_text())
    return str(values["version"])


def run(command: list[str], folder: Path) -> None:
    """Run a command in a folder.

    Raises:
        SystemExit: It is not there, or fails.
    """
    if shutil.which(command[0]) is None:
        sys.exit(f"{command[0]} is not in PATH: install Node.js")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} failed:\n{done.stdout}{done.stderr}")


def main() -> None:
    """Write the files, or compare them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--check", action="store_true", help="compare only")
    check: bool = parser.parse_args().check
    different = []
    for name, text in made().items():
        path = PAGE / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            different.append(name)
        if not check:
            path.write_text(text, encoding="utf-8")
        sys.stdout.write(f"{name}: {len(text.encode()):,} bytes\n")
    if check and different:
        sys.exit(f"Not what the pinned versions make: {', '.join(different)}")


if __name__ == "__main__":
    main()
