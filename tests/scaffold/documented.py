"""What ``docs/cli-json.md`` says that a command prints."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "cli-json.md"


def documented_keys(command: str) -> set[str]:
    """Top-level keys in the table below a command's heading, e.g. ``new --list``."""
    text = PAGE.read_text(encoding="utf-8")
    section = re.search(
        rf"^## (?:stylus-ai )?{re.escape(command)}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL
    )
    assert section is not None, f"{PAGE.name} has no section on {command}"
    cells = re.findall(r"^\| (`[^|]*) \|", section[1], re.MULTILINE)
    return {key for cell in cells for key in re.findall(r"`(\w+)`", cell)}
