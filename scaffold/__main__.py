"""``python -m scaffold`` is ``stylus-ai``."""

from scaffold.cli.app import main

if __name__ == "__main__":
    main()
