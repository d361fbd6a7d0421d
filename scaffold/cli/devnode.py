"""``stylus-ai devnode``: the embedded chain, in the foreground or in the background."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli.options import HERE, JsonOutput, ProjectFolder, examples
from scaffold.console import Console
from stylus_ai.errors import NodeError, UsageError
from stylus_ai.project import Project

if TYPE_CHECKING:
    from stylus_ai.chain import Network

DEFAULT_PORT = 8547


@examples(
    "stylus-ai devnode                     in the foreground, until Ctrl-C",
    "stylus-ai devnode --port 9545 --arbos 60",
    "stylus-ai devnode --l1-price 0.025gwei",
    "stylus-ai devnode --detach            in the background, for this project",
    "stylus-ai devnode --status",
    "stylus-ai devnode --stop",
)
def command(
    *,
    port: Annotated[
        int, typer.Option(min=0, max=65_535, help="0 takes any free port.")
    ] = DEFAULT_PORT,
    arbos: Annotated[
        int | None, typer.Option(metavar="VERSION", help="ArbOS version.", show_default="51")
    ] = None,
    owner: Annotated[
        str | None,
        typer.Option(metavar="ADDRESS", help="Another account to prefund as chain owner."),
    ] = None,
    l1_price: Annotated[
        str | None,
        typer.Option(
            metavar="PRICE",
            help="Price of L1 data per unit of L1 gas, in wei or as 0.025gwei (unverified).",
            show_default="free",
        ),
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Start the project's node and return.")
    ] = False,
    status: Annotated[
        bool, typer.Option("--status", help="Say whether the project's node runs.")
    ] = False,
    stop: Annotated[
        bool, typer.Option("--stop", help="Stop the node that --detach or deploy started.")
    ] = False,
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """Run the embedded chain: chain id 412346 on 127.0.0.1, Nitro's gas rules, free money.

    Its state goes when it ends. --port, --arbos and --owner are for the foreground.

    With --l1-price every transaction pays for its data as well, by its compressed size; no
    recording of a real node covers that. To budget for Arbitrum One or Sepolia, give the price in
    wei that the real chain tells (by its --rpc-url):

    \b
      cast call 0x000000000000000000000000000000000000006C "getL1BaseFeeEstimate()(uint256)"
    """  # noqa: D301 - click's mark of lines that stay as they are
    console = Console(json_output=json_output)
    if detach + status + stop > 1:
        raise UsageError("--detach, --status and --stop exclude each other.", "Give one of them.")
    if detach:
        _detach(console, Project.find(project), l1_price)
    elif status:
        _status(console, Project.find(project))
    elif stop:
        _stop(console, Project.find(project))
    else:
        _serve(console, port, arbos, owner, l1_price)


def _serve(
    console: Console, port: int, arbos: int | None, owner: str | None, l1_price: str | None
) -> None:
    from stylus_ai.chain import Node  # noqa: PLC0415 - web3 takes its time

    with Node(port, arbos=arbos, owner=owner, l1_price=l1_price) as node:
        ready = node.ready
        value = {
            "rpc": ready.rpc,
            "chain_id": ready.chain_id,
            "arbos": ready.arbos,
            "pid": ready.pid,
        }
        text = f"{ready.rpc}, chain {ready.chain_id}, ArbOS {ready.arbos}, owner {ready.owner}"
        console.result(value, lambda: console.line(text))
        console.note("Ctrl-C ends it.")
        code = node.wait()
    raise NodeError(
        f"The node ended by itself, with code {code}.", "Start it again: stylus-ai devnode"
    )


def _detach(console: Console, project: Project, l1_price: str | None) -> None:
    from stylus_ai.chain import ensure_node  # noqa: PLC0415

    network = ensure_node(project, l1_price=l1_price)
    _report(console, network, network.chain_id)


def _status(console: Console, project: Project) -> None:
    from stylus_ai.chain import get_network  # noqa: PLC0415
    from stylus_ai.chain.node import chain_at  # noqa: PLC0415

    network = get_network("embedded", project.networks)
    found = chain_at(network)
    _report(console, network, found)
    if found != network.chain_id:
        raise typer.Exit(1)


def _stop(console: Console, project: Project) -> None:
    from stylus_ai.chain import get_network, stop_node  # noqa: PLC0415
    from stylus_ai.chain.node import chain_at  # noqa: PLC0415

    # Whichever model's command came first has started it.
    ended = [stop_node(member) for member in project.members()]
    stopped = any(ended)
    text = "Stopped." if stopped else "This project has no node in the background."
    network = get_network("embedded", project.networks)
    if not stopped and (found := chain_at(network)) is not None:
        text += (
            f" One that it did not start answers at {network.shown} (chain {found}): "
            "stop it in its own project or terminal."
        )
    console.result({"stopped": stopped}, lambda: console.line(text))


def _report(console: Console, network: Network, found: int | None) -> None:
    """Say which chain was ``found`` at the address; None if no node answers."""
    running = found == network.chain_id
    chain = network.chain_id if found is None else found
    value = {"running": running, "rpc": network.shown, "chain_id": chain}
    if running:
        text = f"A node answers at {network.shown}"
    elif found is None:
        text = f"No node answers at {network.shown}"
    else:
        text = f"Another chain answers at {network.shown}: {found}, not {network.chain_id}"
    console.result(value, lambda: console.line(text))
