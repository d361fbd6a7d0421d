"""Write the pictures of docs/play.md: ``python -m tests.play.screenshots``.

With folders of built projects as arguments these are shown, else the kits are generated first.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser

from stylus_ai.project import Project
from tests.play.browser import ROOT, built, chromium, played, visit

IMAGES = ROOT / "docs" / "images"
KITS = ("credit-score", "classifier")
EXAMPLE = {"credit-score": "#example", "classifier": ".sample >> nth=3"}
"""What is chosen before the picture is taken."""


def take(browser: Browser, project: Project) -> None:
    """The page, wide and light, narrow and dark."""
    kit = project.application
    with played(project) as running:
        for name, width, height, scheme in (
            ("", 1100, 900, "light"),
            ("-narrow", 360, 760, "dark"),
        ):
            context = browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            page = context.new_page()
            visit(page, running.url)
            chosen = page.locator(EXAMPLE[kit])
            if kit == "credit-score":
                chosen.select_option(index=4)
            else:
                chosen.click()
            page.get_by_role("button", name="Send as a transaction").click()
            page.wait_for_selector("[data-fact=transaction]")
            page.evaluate("scrollTo(0, 0)")
            path = IMAGES / f"play-{kit}{name}.png"
            page.screenshot(path=path, full_page=not name)
            sys.stdout.write(f"{path.name}: {path.stat().st_size:,} bytes\n")
            context.close()


def main() -> None:
    """Take all pictures."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        given = [Project.open(Path(name)) for name in sys.argv[1:]]
        for project in given or [built(Path(folder) / kit, kit) for kit in KITS]:
            take(browser, project)


if __name__ == "__main__":
    main()
