"""``stylus-ai new``: a repository from a starter kit."""

from __future__ import annotations

import shlex
from contextlib import nullcontext
from pathlib import Path
from typing import Annotated

import typer

from scaffold import templates
from scaffold.cli.consent import consent
from scaffold.cli.options import JsonOutput, examples
from scaffold.console import Console
from scaffold.kits import fetched, is_address
from stylus_ai.errors import UsageError


@examples(
    "stylus-ai new credit-score my-lender",
    "stylus-ai new credit-score my-lender --data wallets --licence Apache-2.0 --yes",
    "stylus-ai new classifier my-digits --yes",
    "stylus-ai new gh:owner/kit my-lender --ref v1.2.0",
    "stylus-ai new --list",
)
def command(
    kit: Annotated[
        str | None,
        typer.Argument(
            help="Starter kit, e.g. credit-score; or gh:owner/kit, a git address, a folder."
        ),
    ] = None,
    folder: Annotated[
        Path | None,
        typer.Argument(
            metavar="DIR", help="New folder.", show_default="named as the project or the kit"
        ),
    ] = None,
    *,
    name: Annotated[
        str | None, typer.Option(help="Name of the project.", show_default="the folder's")
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option(
            "--licence", "--license", help="MIT, Apache-2.0, 'MIT OR Apache-2.0' or none."
        ),
    ] = None,
    network: Annotated[
        str | None, typer.Option(help="embedded, devnode-docker, sepolia or one.")
    ] = None,
    data: Annotated[str | None, typer.Option(help="Of credit-score: german or wallets.")] = None,
    policy: Annotated[str | None, typer.Option(help="Of game-npc: rules or play.")] = None,
    answers_file: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="YAML with answers, e.g. another project's .copier-answers.yml."
        ),
    ] = None,
    ref: Annotated[
        str | None,
        typer.Option(
            metavar="REF",
            help="Tag, branch or commit of a kit by address.",
            show_default="newest tag",
        ),
    ] = None,
    trust: Annotated[
        bool,
        typer.Option("--trust", help="Let a kit by address run its own code, see docs/kits.md."),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Ask nothing; take the defaults.")
    ] = False,
    no_git: Annotated[
        bool, typer.Option("--no-git", help="No repository, no first commit.")
    ] = False,
    list_kits: Annotated[
        bool, typer.Option("--list", help="List the kits and their options.")
    ] = False,
    json_output: JsonOutput = False,
) -> None:
    """Make a repository from a starter kit: training script, data, contract, tests, README.

    What no option states is asked for, or taken from the defaults with --yes. The code of a kit by
    address (tasks, Jinja extensions) is shown and runs only if you agree.
    """
    console = Console(json_output=json_output)
    if list_kits:
        _list(console)
        return
    foreign = kit is not None and is_address(kit)
    if (ref or trust) and not foreign:
        raise UsageError(
            "--ref and --trust are for kits by address.", "For example: stylus-ai new gh:owner/kit"
        )
    flags = {
        "application": None if foreign else kit,
        "project_name": name,
        "licence": licence,
        "network": network,
        "data": data,
        "policy": policy,
    }
    with fetched(kit, ref) if kit and foreign else nullcontext() as source:
        answers = templates.read_answers(answers_file, source) if answers_file else {}
        answers |= {question: value for question, value in flags.items() if value is not None}
        if source is None and "application" not in answers:
            raise UsageError(
                "Which kit?",
                "stylus-ai new --list shows them; for example: stylus-ai new credit-score",
            )
        fallback = answers.get("application") or Path(kit or "").name.removesuffix(".git")
        target = folder or Path(answers.get("project_name", fallback))
        created = templates.create(
            target,
            answers,
            ask=console.interactive and not yes,
            git=not no_git,
            kit=source,
            trust=consent(console, trust=trust)(source) if source else False,
        )
    _present(console, created, target)


def _list(console: Console) -> None:
    kits = templates.kits()
    questions = ("data", "policy", "network", "licence")
    options = {question: templates.choices(question) for question in questions}

    def render() -> None:
        for kit in kits:
            console.line(f"{kit.value:14} {kit.about}")
        for question, choices in options.items():
            console.line(f"\n--{question}")
            for choice in choices:
                console.line(f"  {choice.value:18} {choice.about}".rstrip())

    value = {
        "kits": [{"name": kit.value, "about": kit.about} for kit in kits],
        "options": {question: [c.value for c in choices] for question, choices in options.items()},
    }
    console.result(value, render)


def _present(console: Console, created: templates.Created, target: Path) -> None:
    answers = created.answers
    value = {
        "folder": str(created.folder),
        "name": created.name,
        "application": answers["application"],
        "licence": answers.get("licence"),
        "network": answers.get("network"),
        "data": answers.get("data"),
        "policy": answers.get("policy"),
        "committed": created.committed,
    }
    console.result(value, lambda: console.line(f"Made {created.folder}"))
    if created.committed and not created.own_identity:
        console.warn(
            "git does not know your name, so the first commit carries a stand-in. Set user.name "
            "and user.email, then: git commit --amend --reset-author --no-edit"
        )
    console.next_steps(
        [
            f"cd {shlex.quote(str(target))}",
            "stylus-ai train",
            "stylus-ai build",
            "stylus-ai deploy",
            "less README.md",
        ]
    )
