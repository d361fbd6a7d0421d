"""The only place that prints: results to stdout, prose to stderr, ``--json`` as one JSON value.

A command makes one ``Console``, tells it what happens with ``step`` and ``note``, and ends with
``result``. With ``--json`` stdout holds exactly one JSON value, also for an error, and stderr the
same prose as always. Colours go off by themselves where they do not belong (a pipe, ``NO_COLOR``).
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ClassVar

from rich.console import Console as Rich
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from stylus_ai.errors import StylusAiError

DEBUG = "STYLUS_AI_DEBUG"
"""Set this environment variable to 1 to see the traceback of an unexpected error."""


def good(text: str) -> Text:
    """A cell of a table that became better."""
    return Text(text, style="green")


def bad(text: str) -> Text:
    """A cell of a table that became worse."""
    return Text(text, style="red")


class Console:
    """stdout for the result, stderr for everything else.

    Args:
        json_output: True prints results and errors as JSON.
    """

    _answered: ClassVar[bool] = False
    """True once stdout holds its one JSON value: a node that ran until Ctrl-C has no second."""

    def __init__(self, *, json_output: bool = False) -> None:
        self.json_output = json_output
        Console._answered = False
        self._out = Rich(file=sys.stdout, highlight=False)
        self._err = Rich(file=sys.stderr, highlight=False)

    @property
    def interactive(self) -> bool:
        """True if a person can be asked: both ends of the conversation are a terminal."""
        return sys.stdin.isatty() and sys.stderr.isatty() and not self.json_output

    def step(self, text: str) -> None:
        """Say what begins now."""
        self._err.print(f"[bold cyan]=>[/] {escape(text)}", soft_wrap=True)

    def note(self, text: str) -> None:
        """A line of prose: a detail, a subprocess's output, a hint."""
        self._err.print(escape(text), soft_wrap=True)

    def warn(self, text: str) -> None:
        """Something that is not wrong but should be seen."""
        self._err.print(f"[bold yellow]warning:[/] {escape(text)}", soft_wrap=True)

    @contextmanager
    def progress(self) -> Iterator[Callable[[int, int, str], None]]:
        """A bar on stderr for steps that are counted; where no terminal is, a line for each.

        Yields:
            What to call before each step: its number from 1, how many there are, its name.
        """
        if not self._err.is_terminal:
            yield lambda number, total, name: self.note(f"{number} of {total}: {name}")
            return
        columns = (
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
        )
        with Progress(*columns, console=self._err, transient=True) as bar:
            task = bar.add_task("", total=None)
            yield lambda number, total, name: bar.update(
                task, completed=number - 1, total=total, description=escape(name)
            )

    def result(self, value: Mapping[str, Any] | list[Any], render: Callable[[], None]) -> None:
        """The command's result: ``value`` as JSON, or whatever ``render`` prints."""
        if self.json_output:
            self.json(value)
        else:
            render()

    def json(self, value: object) -> None:
        """Print one JSON value to stdout."""
        Console._answered = True
        sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=False) + "\n")
        sys.stdout.flush()

    def line(self, text: str = "") -> None:
        """A line of the result."""
        self._out.print(escape(text), soft_wrap=True)

    def table(self, title: str, columns: Iterable[str], rows: Iterable[Iterable[object]]) -> None:
        """A table of the result; the first column is text, the others are figures."""
        table = Table(header_style="bold")
        for position, column in enumerate(columns):
            table.add_column(escape(column), justify="left" if position == 0 else "right")
        for row in rows:
            table.add_row(*(cell if isinstance(cell, Text) else escape(str(cell)) for cell in row))
        if title:
            self.line(title)
        self._out.print(table)

    def next_steps(self, steps: Iterable[str]) -> None:
        """What a person does next; on stderr, since it is advice and not the result."""
        self._err.print("\n[bold]Next:[/]")
        for text in steps:
            self._err.print(f"  {escape(text)}", soft_wrap=True)

    def error(self, error: StylusAiError) -> None:
        """An error that was raised on purpose: its cause and the next step."""
        self._failure(error.kind, error.cause, error.next_step)

    def unexpected(self, error: Exception) -> None:
        """An error that nobody foresaw: short, with the way to the traceback."""
        self._failure(
            "Unexpected",
            f"{type(error).__name__}: {error}",
            f"This is a defect of stylus-ai. {DEBUG}=1 shows where; please report it.",
        )
        if os.environ.get(DEBUG) == "1":
            self._err.print("".join(traceback.format_exception(error)), markup=False)

    def ended(self, kind: str) -> None:
        """The user pressed Ctrl-C (Interrupted), or another program ended this one (Terminated)."""
        if self.json_output:
            self._json_error(kind, kind.lower(), "")
        self.note(f"\n{kind.lower()}")

    def _failure(self, kind: str, cause: str, next_step: str) -> None:
        if self.json_output:
            self._json_error(kind, cause, next_step)
        self._err.print(f"[bold red]error:[/] {escape(cause)}", soft_wrap=True)
        if next_step:
            self._err.print(f"[bold]next:[/]  {escape(next_step)}", soft_wrap=True)

    def _json_error(self, kind: str, cause: str, next_step: str) -> None:
        if Console._answered:
            return
        self.json({"error": {"kind": kind, "cause": cause, "next_step": next_step}})
