"""Markers, permitted skips, and the one embedded node that tests share."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.permitted_skips import PERMITTED

if TYPE_CHECKING:
    from collections.abc import Iterator

MARKERS = {
    "node": "needs the stylus-devnode binary",
    "wasm": "needs cargo and the wasm target",
    "registry": "needs the package registries (PyPI, crates.io)",
    **PERMITTED,
}
CHROMIUM = Path("/usr/bin/chromium")
"""The browser of the page's tests: the distribution's, no download."""

EXTRAS = ("torch", "onnx", "xgboost", "lightgbm")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--slow`` runs the long tests too."""
    parser.addoption("--slow", action="store_true", help="run the long tests too")


def pytest_configure(config: pytest.Config) -> None:
    """Register each marker once, with its meaning."""
    for name, meaning in MARKERS.items():
        config.addinivalue_line("markers", f"{name}: {meaning}")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what this run leaves out, each with its permitted reason."""
    absent = {name for name in EXTRAS if importlib.util.find_spec(name) is None}
    if shutil.which("npm") is None:
        absent.add("npm")
    if not CHROMIUM.is_file():
        absent.add("browser")
    if not config.getoption("--slow"):
        absent.add("slow")
    for item in items:
        for name in sorted(absent):
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason=PERMITTED[name]))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Iterator[pytest.TestReport]:
    """Turn a skip for a reason that is not permitted into a failure."""
    del item, call
    report: pytest.TestReport = yield  # type: ignore[misc, assignment]
    if report.skipped and isinstance(report.longrepr, tuple):
        reason = report.longrepr[2].removeprefix("Skipped: ")
        if reason not in PERMITTED.values():
            report.outcome = "failed"
            report.longrepr = f"skipped for a reason that tests/permitted_skips.py lacks: {reason}"
    return report  # type: ignore[return-value]
