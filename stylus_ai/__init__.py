"""stylus-ai: from ``model.fit()`` to a contract on Arbitrum that answers as the Python model does.

What a training script needs stands here; ``stylus_ai.pipeline`` lists the stages in order.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from stylus_ai.frontends.scorecard import Scorecard
    from stylus_ai.ir import Feature, Features
    from stylus_ai.training import About, TrainingReport, export

__version__ = "0.1.0"

__all__ = ["About", "Feature", "Features", "Scorecard", "TrainingReport", "__version__", "export"]

_HOME = {
    "About": "stylus_ai.training",
    "Feature": "stylus_ai.ir",
    "Features": "stylus_ai.ir",
    "Scorecard": "stylus_ai.frontends.scorecard",
    "TrainingReport": "stylus_ai.training",
    "export": "stylus_ai.training",
}


def __getattr__(name: str) -> Any:
    """Import a public name when it is first used: the command line starts without numpy."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module  # noqa: PLC0415 - only when needed

    return getattr(import_module(_HOME[name]), name)
