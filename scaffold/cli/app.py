"""``stylus-ai``: the one place that catches errors, and the list of the commands.

Exit codes: 0 done; 1 something failed; 2 the call was wrong; 130 interrupted; 143 terminated.
"""

from __future__ import annotations

import itertools
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Annotated

import typer
from typer.exceptions import TyperException

from scaffold import INTERRUPTED
from scaffold.cli import (
    add,
    build,
    check,
    compress,
    demo,
    deploy,
    devnode,
    doctor,
    keepalive,
    kit,
    new,
    play,
    predict,
    profile,
    registry,
    setup,
    snapshot,
    test,
    train,
    update,
)
from scaffold.console import Console
from stylus_ai import __version__
from stylus_ai.errors import StylusAiError, UsageError

TERMINATED = 143

ABOUT = """From a trained model to a contract on Arbitrum whose answers match it bit for bit.

\b
Start here:
  stylus-ai demo credit-score            all of it, in one go
  stylus-ai new credit-score my-lender   a repository of your own
"""
"""What ``--help`` says first; ``\\b`` keeps the lines below it apart."""

app = typer.Typer(
    name="stylus-ai",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

for name, module, summary in (
    ("new", new, "Make a repository from a starter kit."),
    ("train", train, "Fit the model, make it integer, measure both."),
    ("compress", compress, "Make the model smaller; say what each step costs."),
    ("build", build, "Compile model and contract to wasm."),
    ("test", test, "Run the project's tests."),
    ("deploy", deploy, "Put the built contract on a chain."),
    ("predict", predict, "Ask the deployed contract."),
    ("play", play, "Open the model's web page."),
    ("registry", registry, "Versions of the model, and rollback."),
    ("keepalive", keepalive, "Keep the programs from expiring."),
    ("profile", profile, "Say where the gas of a call goes."),
    ("snapshot", snapshot, "Keep gas and size in a file, and compare."),
    ("update", update, "Bring a project up to date with its template."),
    ("demo", demo, "All of it, in one go."),
    ("devnode", devnode, "Run the embedded chain."),
    ("check", check, "Would Stylus accept this wasm?"),
    ("doctor", doctor, "Say what this machine lacks."),
    ("setup", setup, "Provide the compiler's wasm target."),
):
    app.command(name, short_help=summary)(module.command)

app.add_typer(add.app, name="add", short_help="More for a project that is there.")
app.add_typer(kit.app, name="kit", short_help="For those who make kits.")


def _show_version(value: bool) -> None:
    if value:
        Console().line(f"stylus-ai {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True, help=ABOUT)
def _root(
    context: typer.Context,
    _version: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version."),
    ] = False,
) -> None:
    """Without a command: the help."""
    if context.invoked_subcommand is None:
        Console().line(context.get_help())


def main() -> None:
    """Run the command line of this process; called by ``scaffold.__main__``."""
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns the exit code."""
    ours = itertools.takewhile(lambda argument: argument != "--", arguments)
    console = Console(json_output="--json" in ours)
    try:
        code = typer.main.get_command(app).main(
            args=list(arguments), prog_name="stylus-ai", standalone_mode=False
        )
    except StylusAiError as error:
        console.error(error)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except SystemExit:  # of `_terminate`
        code = TERMINATED
    except TyperException as error:
        usage = _usage_error(error)
        console.error(usage)
        return usage.exit_code
    except BrokenPipeError:
        return 1
    except OSError as error:
        failure = StylusAiError(
            f"{error.filename or 'A file or connection'}: {error.strerror or error}.",
            "Check that it can be written and that the disk is not full.",
        )
        console.error(failure)
        return failure.exit_code
    except Exception as error:
        console.unexpected(error)
        return 1
    if code == INTERRUPTED:  # typer turns Ctrl-C into this code
        console.ended("Interrupted")
    if code == TERMINATED:
        console.ended("Terminated")
    return code if isinstance(code, int) else 0


def _usage_error(error: TyperException) -> UsageError:
    """A wrong flag or argument, in this project's form."""
    message = getattr(error, "format_message", lambda: str(error))()
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "stylus-ai"
    return UsageError(message, f"See: {path} --help")


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    """Leave by an exception, so that what is half done is cleaned up."""
    raise SystemExit(TERMINATED)
