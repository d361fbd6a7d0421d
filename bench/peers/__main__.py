"""Compare this project's contracts with their peers: ``python -m bench.peers`` prints the page."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.peers.compare import compare_all
from bench.peers.page import section

if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="stylus-ai-peers-") as temporary:
        sys.stdout.write(section(compare_all(Path(temporary) / "build")))
