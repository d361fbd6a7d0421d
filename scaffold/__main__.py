"""``stylus-ai``, also as ``python -m scaffold``.

The command line takes a moment to import; Ctrl-C ends it quietly even then.
"""

import sys

from scaffold import INTERRUPTED


def main() -> None:
    """Entry point of the ``stylus-ai`` command."""
    try:
        from scaffold.cli import app  # noqa: PLC0415 - what may be interrupted

        app.main()
    except KeyboardInterrupt:
        if "--json" in sys.argv:
            sys.stdout.write(
                '{"error": {"kind": "Interrupted", "cause": "interrupted", "next_step": ""}}\n'
            )
        sys.stderr.write("\ninterrupted\n")
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
