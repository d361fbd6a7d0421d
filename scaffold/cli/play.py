"""``stylus-ai play``: the web page of the deployed model."""

from __future__ import annotations

import webbrowser
from typing import Annotated

import typer

from scaffold.cli.options import (
    HERE,
    JsonOutput,
    NetworkName,
    ProjectFolder,
    examples,
    open_project,
)
from scaffold.console import Console

DEFAULT_PORT = 8600


@examples(
    "stylus-ai play",
    "stylus-ai play --port 0 --no-open",
    "stylus-ai play --network sepolia       with the browser's wallet",
)
def command(
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="Port of the page; 0 takes any free one.")
    ] = DEFAULT_PORT,
    no_open: Annotated[
        bool, typer.Option("--no-open", help="Do not open a browser; print the address only.")
    ] = False,
    network: NetworkName = None,
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """Open a web page that asks the deployed contract, and shows what Python answers beside it.

    On the embedded network, a node is started and the contract deployed where they are missing,
    and the chain's public account pays for transactions; elsewhere the browser's wallet does.

    The page is served on 127.0.0.1 until Ctrl-C, for this machine only, and loads nothing from
    anywhere else. A folder page/ in the project makes it the project's own, see docs/play.md.
    """
    from scaffold.play.session import opened  # noqa: PLC0415 - numpy and web3 take their time

    console = Console(json_output=json_output)
    found, name = open_project(project, network)
    with opened(found, name, port, on_step=console.step) as server:
        console.result(
            {"url": server.url, "network": name, "address": server.address},
            lambda: console.line(server.url),
        )
        console.note(f"{server.address} on {name}. Ctrl-C ends the page.")
        if not no_open:
            _open(server.url)
        server.serve_forever()


def _open(url: str) -> None:
    """Show the page, unless the only browser is one that would take over this terminal."""
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return
    if type(browser) is not webbrowser.GenericBrowser:
        browser.open(url)
