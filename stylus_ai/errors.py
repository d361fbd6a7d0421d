"""Every error that this project raises on purpose.

    StylusAiError
    ├── UsageError      the call is wrong: a flag, a name, a folder, a file of the wrong kind
    │   └── ProjectError    stylus-ai.toml or an artefact of the project is missing or does not fit
    ├── ModelError      the trained model cannot become an integer program
    │   └── FeatureError    a row does not fit: missing, NaN, out of range, off the grid
    ├── BuildError      cargo, the wasm target or the native binary failed or is missing
    │   └── CheckError      the wasm is built, but Stylus would refuse it
    ├── ChainError      the node or the network did not do what was asked
    │   ├── NodeError       no node, port in use, node died
    │   ├── FundsError      the account cannot pay
    │   ├── KeyRefused      no key, or a key that must not be used on this chain
    │   └── Reverted        the contract said no; carries the decoded reason
    └── ParityError     two of interpreter, native Rust and chain disagree: never to be ignored

An error has a cause (what was found, with the value) and a next step (what to type). Libraries
raise, only the command line catches and prints. In a plain traceback the next step is a note below
the error, so that a script's user reads it too.
"""

from collections.abc import Mapping

NEXT = "next: "
"""How the line of a traceback begins that gives the next step."""


class StylusAiError(Exception):
    """Base of all errors that are shown to a user without a traceback.

    Args:
        cause: What is wrong, with the offending value, in one or two sentences.
        next_step: What the user can do about it; a command where there is one.
    """

    exit_code = 1

    def __init__(self, cause: str, next_step: str = "") -> None:
        super().__init__(cause)
        self.cause = cause
        self.next_step = next_step
        if next_step:
            self.add_note(f"{NEXT}{next_step}")

    @property
    def kind(self) -> str:
        """Stable name of the error for ``--json``: the name of its class."""
        return type(self).__name__


class UsageError(StylusAiError):
    """The call itself is wrong: a flag, a name, a folder, a file that is not what it claims."""

    exit_code = 2


class ProjectError(UsageError):
    """``stylus-ai.toml`` or an artefact of the project is missing or does not fit the others."""


class ModelError(StylusAiError):
    """The trained model cannot become an integer program."""


class FeatureError(ModelError):
    """A row does not fit the features: missing, NaN, out of range or off the grid."""


class BuildError(StylusAiError):
    """cargo, the wasm target or the native binary failed or is missing."""


class CheckError(BuildError):
    """The wasm is built, but Stylus would refuse it."""


class ChainError(StylusAiError):
    """The node or the network did not do what was asked."""


class NodeError(ChainError):
    """No node answers, its port is taken, or it died."""


class FundsError(ChainError):
    """The account cannot pay for the transaction."""


class KeyRefused(ChainError):
    """There is no key, or it must not be used on this chain."""


class Reverted(ChainError):
    """The contract reverted; ``cause`` holds the decoded reason.

    Args:
        cause: As of any error.
        next_step: As of any error.
        arguments: What the contract's error carried, by name.
    """

    def __init__(
        self, cause: str, next_step: str = "", arguments: Mapping[str, object] | None = None
    ) -> None:
        super().__init__(cause, next_step)
        self.arguments = dict(arguments or {})


class ParityError(StylusAiError):
    """Two of interpreter, native Rust and chain disagree. Never to be ignored."""
