"""Write each kit's snapshot to tests/templates/snapshots, as `stylus-ai new` makes it by default.

Run it when a change of the compiler or of a kit is meant to move gas or size, and commit what it
wrote: the diff is what the change is worth. tests/templates/test_snapshots.py compares.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from scaffold import templates
from stylus_ai import pipeline, snapshots
from stylus_ai.project import Project
from stylus_ai.reports.snapshot import Snapshot, write

FOLDER = Path(__file__).parents[1] / "tests" / "templates" / "snapshots"


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def measure(kit: str, parent: Path) -> Snapshot:
    """Generate, train and measure a kit in a new folder below ``parent``.

    The project is named after its kit: the contract holds the model's digest, which depends on it.
    """
    created = templates.create(parent / f"my-{kit}", {"application": kit}, git=False)
    project = Project.open(created.folder)
    pipeline.train(project, _say)
    return snapshots.take(project, _say)


def main() -> None:
    """Write every kit's file."""
    for kit in templates.kits():
        with tempfile.TemporaryDirectory() as parent:
            write(measure(kit.value, Path(parent)), FOLDER / kit.value)


if __name__ == "__main__":
    main()
