"""What somebody else's kit is, and whether it may run its own code: shown, then asked."""

from __future__ import annotations

from collections.abc import Callable

import typer

from scaffold.console import Console
from scaffold.kits import Kit
from stylus_ai.errors import UsageError


def consent(console: Console, *, trust: bool) -> Callable[[Kit], bool]:
    """A function that shows a kit and answers whether its code may run.

    It raises UsageError if there is code and nobody agreed to it.
    """

    def answer(kit: Kit) -> bool:
        console.step(f"{kit.source} {kit.version}".rstrip())
        if not kit.code:
            console.note("It runs no code while the project is made.")
            return False
        console.warn("This kit runs code of its own on this machine:")
        for line in kit.code:
            console.note(f"  {line}")
        agreed = trust or (console.interactive and typer.confirm("Run it?", err=True))
        if not agreed:
            raise UsageError(
                f"{kit.source} runs code of its own: {'; '.join(kit.code)}.",
                "Read it; if you agree, add --trust.",
            )
        return True

    return answer
