"""Add the templates, as they stand, to scaffold/releases.bundle as the release of this version.

Part of making a release (CONTRIBUTING.md); commit what it wrote. The bundle is an ordinary file of
the package, so that a build needs neither tags nor a history: a wheel from an sdist carries it too.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from scaffold import releases


def release(root: Path, tag: str, bundle: Path = releases.BUNDLE) -> bool:
    """Add a release; False if the very same is in the bundle already.

    Args:
        root: Folder with ``copier.yml`` and ``templates/``.
        tag: Its name, e.g. ``v0.1.0``.
        bundle: What to add it to; made if it is missing.

    Raises:
        SystemExit: There is another release of this name: releases do not change.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        releases.open_bundle(Path(folder), bundle) as repo,
    ):
        if tag in releases.tags(repo):
            if carries(root, tag, bundle):
                return False
            raise SystemExit(f"{tag} is released with other templates. Raise the version first.")
        releases.add_release(repo, root, tag)
        new = bundle.with_name(f".{bundle.name}.{os.getpid()}")
        repo.git.bundle("create", "--quiet", str(new.resolve()), "--tags")
        new.replace(bundle)
    return True


def carries(root: Path, tag: str, bundle: Path = releases.BUNDLE) -> bool:
    """True if the release ``tag`` in the bundle is exactly the templates of ``root``."""
    with (
        tempfile.TemporaryDirectory() as folder,
        releases.open_bundle(Path(folder), bundle) as repo,
    ):
        releases.add_release(repo, root, "here")
        return bool(repo.commit("here").tree == repo.commit(tag).tree)


def main() -> None:
    """Release the present templates."""
    root = Path(__file__).parents[1]
    how = "added to" if release(root, releases.PRESENT) else "is in"
    size = releases.BUNDLE.stat().st_size
    sys.stdout.write(f"{releases.PRESENT} {how} {releases.BUNDLE.name}, {size:,} bytes\n")


if __name__ == "__main__":
    main()
