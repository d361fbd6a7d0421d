"""The command line and the generator: what a person drives. The framework is ``stylus_ai``."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as a shell gives it."""
