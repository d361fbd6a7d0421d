"""A page with everything behind it: port, node, contract; gone again when the block ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from scaffold.play.description import Subject
from scaffold.play.server import PageServer
from stylus_ai import pipeline
from stylus_ai.chain import get_network, stop_node
from stylus_ai.chain.node import answers
from stylus_ai.pipeline import OnStep
from stylus_ai.project import Project


@contextmanager
def opened(project: Project, network: str, port: int, *, on_step: OnStep) -> Iterator[PageServer]:
    """A server of the project's page; call its ``serve_forever``.

    On the embedded network a node is started if none answers, which ends with the block, and the
    contract is deployed if it is not there.

    Args:
        project: Trained and built.
        network: Name of the network.
        port: Of the page, on 127.0.0.1; 0 for any that is free.
        on_step: Told what happens next.

    Raises:
        NodeError: The port is in use, or no node answers.
        ProjectError: There is no model, or no build of it, or, on another network than the embedded
            one, no live contract.
    """
    embedded = network == "embedded"
    program = pipeline.load_program(project)
    with PageServer(port) as server:  # first, since a port in use is known at once
        started = embedded and not answers(get_network(network, project.networks))
        try:
            client, deployment = pipeline.ensure_deployment(project, network, on_step=on_step)
            server.subject = Subject(project, program, client.network, deployment)
            yield server
        finally:
            if started:
                stop_node(project)
