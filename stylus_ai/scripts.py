"""The user's own scripts, run as a person would run them: training scripts and tests."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from stylus_ai.build.tools import end_group
from stylus_ai.errors import NEXT, UsageError

OnLine = Callable[[str], None]


def run(
    command: Sequence[str],
    root: Path,
    on_line: OnLine,
    environment: Mapping[str, str] | None = None,
) -> tuple[int, list[str]]:
    """Run a command in ``root``; its exit code and its lines that are not empty.

    ``environment`` is added to this process's own.

    Whatever ends this function early, Ctrl-C or SIGTERM, ends the command and its children too.
    """
    lines: list[str] = []
    with subprocess.Popen(
        command,
        cwd=root,
        env=os.environ | {"PYTHONUNBUFFERED": "1"} | dict(environment or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        process_group=0,
    ) as process:
        try:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                on_line(lines[-1])
            process.wait()
        except BaseException:
            end_group(process)
            raise
    return process.returncode, [line for line in lines if line]


def script_error(script: str, code: int, lines: Sequence[str]) -> UsageError:
    """Why a script failed, by its exit code and its output: the error that its traceback ends in.

    An error of this package brings its own next step.
    """
    trace = max((i for i, line in enumerate(lines) if line.startswith("Traceback ")), default=0)
    own = _OWN_ERROR.search("\n".join(lines[trace:]))
    if own:
        cause, next_step = own["cause"], own["step"]
    else:
        cause, next_step = lines[-1] if lines else "no output", None
    how = "failed" if code == 1 else f"failed with exit code {code}"
    return UsageError(
        f"{script} {how}: {cause}",
        next_step or f"Mend the script; the whole error: python {script}",
    )


_OWN_ERROR = re.compile(
    rf"^stylus_ai\.errors\.\w+: (?P<cause>.+?)(?:\n{NEXT}(?P<step>.+))?\Z",
    re.MULTILINE | re.DOTALL,
)
"""An error of this package at the end of a traceback."""
