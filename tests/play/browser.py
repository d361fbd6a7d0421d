"""Headless Chromium, and the page of a generated project in it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scaffold.templates import create
from stylus_ai import pipeline
from stylus_ai.project import Project
from tests.conftest import CHROMIUM

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]

FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
]


def built(folder: Path, kit: str) -> Project:
    """A project of a kit, trained and built."""
    project = Project.open(create(folder, {"application": kit}).folder)
    pipeline.train(project, lambda _: None)
    pipeline.build(project, lambda _: None)
    return project


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass(frozen=True)
class Played:
    """``stylus-ai play`` that runs: the project, what it printed, where its chain is."""

    project: Project
    printed: dict[str, Any]
    rpc: str

    @property
    def url(self) -> str:
        """Of the page."""
        return str(self.printed["url"])


@contextmanager
def played(project: Project, rpc: str = "") -> Iterator[Played]:
    """Run ``stylus-ai play``, on a chain of its own unless one is named; Ctrl-C at the end."""
    rpc = rpc or f"http://127.0.0.1:{free_port()}"
    process = subprocess.Popen(
        [sys.executable, "-m", "scaffold", "play", "--port", "0", "--no-open", "--json"],
        cwd=project.root,
        env={**os.environ, "STYLUS_AI_RPC": rpc},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        said = ""
        while process.stdout is not None and not said.endswith("}\n"):
            line = process.stdout.readline()
            if not line:
                raise AssertionError(process.communicate()[1])
            said += line
        yield Played(project, json.loads(said), rpc)
    finally:
        process.send_signal(signal.SIGINT)
        rest, prose = process.communicate(timeout=30)
    assert (process.returncode, rest) == (130, "")
    assert prose.endswith("interrupted\n")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser with a fresh profile."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def visit(page: Page, url: str) -> None:
    """Open the page and wait until it has asked for the first time."""
    page.goto(url)
    page.wait_for_selector("body[data-ready=true]")
