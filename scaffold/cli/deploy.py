"""``stylus-ai deploy``: the built contract onto a chain."""

from __future__ import annotations

from functools import cache as once
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from scaffold.cli import chain_views as views
from scaffold.cli.options import (
    HERE,
    JsonOutput,
    NetworkName,
    ProjectFolder,
    examples,
    open_project,
)
from scaffold.cli.several import Alone, Outcome, members, present
from scaffold.console import Console
from stylus_ai.errors import UsageError
from stylus_ai.project import Project
from stylus_ai.units import Wei, parse_ether

if TYPE_CHECKING:
    from collections.abc import Callable

    from stylus_ai.chain import Offer


def _amount(text: str) -> Wei:
    """Value of ``--bid``."""
    try:
        return parse_ether(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is no amount of ETH, e.g. 0.001") from None


@examples(
    "stylus-ai deploy",
    "stylus-ai deploy --cache",
    "stylus-ai deploy --network sepolia --cache --bid 0.001",
    "STYLUS_AI_PRIVATE_KEY=0x... stylus-ai deploy --network sepolia",
)
def command(
    *,
    network: NetworkName = None,
    cache: Annotated[
        bool,
        typer.Option("--cache", help="Cache the program, which makes calls cheaper."),
    ] = False,
    note: Annotated[
        str, typer.Option("--note", metavar="TEXT", help="About the version, for people.")
    ] = "",
    bid: Annotated[
        Wei | None,
        typer.Option(
            "--bid",
            metavar="ETH",
            parser=_amount,
            help="What to bid for the place in the cache, where it is auctioned.",
            show_default="the least that is taken; asks first if that is not 0",
        ),
    ] = None,
    alone: Alone = False,
    project: ProjectFolder = HERE,
    json_output: JsonOutput = False,
) -> None:
    """Send the contract's code, activate it, and check that the right model answers.

    On the embedded network a node is started if none runs, and its public account pays. Elsewhere
    the key comes from STYLUS_AI_PRIVATE_KEY or is asked for, and the deployment is recorded in
    stylus-ai.toml. An interrupted run goes on where it stopped.

    With --cache, a chain owner caches the program; on public networks the CacheManager auctions
    the places, and a bid is placed. A bid is spent, and loses value by the second.

    Where stylus-ai.toml names a registry, the model becomes its next version; the contracts beside
    the model are deployed by the first run alone. See docs/upgrade.md.
    """
    from stylus_ai import upgrade  # noqa: PLC0415 - numpy and web3 take their time

    if bid is not None and not cache:
        raise UsageError("--bid is for a place in the cache.", "Add --cache.")
    console = Console(json_output=json_output)
    _, name = open_project(project, network)
    prompt = key_prompt(console)
    outcomes: list[tuple[Project, Outcome]] = []
    for opened in members(console, project, alone=alone):
        released = upgrade.release(
            opened,
            name,
            on_step=console.step,
            prompt=prompt,
            cache=cache,
            offer=offer(console, bid),
            note=note,
        )
        value = views.deployment_json(released.deployment) | views.release_json(released)
        outcomes.append((opened, (value, partial(views.release, console, released))))
    present(console, outcomes)
    console.next_steps(["stylus-ai predict --input fixtures/test.csv", "stylus-ai predict --help"])


def key_prompt(console: Console) -> Callable[[str], str] | None:
    """How to ask for a key, once, without showing it; None where nobody can be asked."""
    if not console.interactive:
        return None
    return once(lambda question: str(typer.prompt(question, hide_input=True, err=True)))


def offer(console: Console, bid: Wei | None) -> Offer:
    """What to bid for a place in the cache: what was named, else the least, if that is agreed."""

    def answer(least: Wei) -> Wei | None:
        from stylus_ai.chain.client import ether  # noqa: PLC0415 - web3 takes its time

        if bid is not None or least == 0:
            return least if bid is None else bid
        question = f"A place in the program cache costs {ether(least)} ETH now. Bid that?"
        agreed = console.interactive and typer.confirm(question, err=True)
        return least if agreed else None

    return answer
