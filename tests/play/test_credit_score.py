"""The page of the credit-score kit in Chromium, on a real node: what it shows is what is so."""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from scaffold.templates import create
from stylus_ai import chain, pipeline
from stylus_ai.chain import Client, Network
from stylus_ai.ir import interpret
from stylus_ai.ir.explain import points
from stylus_ai.project import Project
from tests.play.browser import Played, built, chromium, free_port, played, visit
from tests.scaffold.documented import documented_keys
from tests.scaffold.test_chain_commands import Shell

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = [pytest.mark.wasm, pytest.mark.node, pytest.mark.browser]

WALLET = """
window.ethereum = {
  calls: [],
  async request({ method, params = [] }) {
    this.calls.push(method);
    const asked = method === "eth_requestAccounts" ? "eth_accounts" : method;
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: asked, params });
    const headers = { "Content-Type": "application/json" };
    const answer = await (await fetch("RPC", { method: "POST", headers, body })).json();
    if (answer.error) throw Object.assign(new Error(answer.error.message), answer.error);
    return answer.result;
  },
};
"""
"""An EIP-1193 provider as a browser wallet puts it into a page, backed by the node."""


MINUS = "\N{MINUS SIGN}"


@pytest.fixture(scope="module")
def lender(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The kit's page, served."""
    with played(built(tmp_path_factory.mktemp("play") / "lender", "credit-score")) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with chromium() as started:
        yield started


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh profile."""
    made = browser.new_context()
    yield made
    made.close()


@pytest.fixture
def page(context: BrowserContext, lender: Played) -> Page:
    """The page, open, with its complaints collected as failures."""
    opened = context.new_page()
    opened.on("pageerror", lambda error: pytest.fail(str(error)))
    visit(opened, lender.url)
    return opened


def shown_row(page: Page, lender: Played) -> list[int]:
    """The row that the form holds."""
    program = pipeline.load_program(lender.project)
    return [
        round(float(page.locator(f"#feature-{feature.name}").input_value()) * feature.scale)
        for feature in program.features
    ]


def percent(basis_points: int) -> str:
    """As the page writes a score."""
    return f"{basis_points / 100:.2f} %"


def test_it_prints_the_documented_keys(lender: Played) -> None:
    assert set(lender.printed) == documented_keys("play")


@pytest.mark.slow
def test_ctrl_c_ends_the_node_that_it_started_and_no_other(lender: Played) -> None:
    with played(lender.project) as alone:
        assert chain.node.chain_at(Network("embedded", alone.rpc, 412_346)) == 412_346
    assert chain.node.chain_at(Network("embedded", alone.rpc, 412_346)) is None
    with chain.Node() as node:
        with played(lender.project, node.network.rpc) as guest:
            assert guest.rpc == node.network.rpc
        assert chain.node.chain_at(node.network) == 412_346


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "cause", "advice"),
    [
        (["--port", "PORT"], "Port PORT of 127.0.0.1 cannot be used: Address already in use", "0"),
        (["--network", "sepolia"], "Nothing is deployed on sepolia yet", "stylus-ai deploy"),
        (["--network", "moon"], "no network 'moon'", "Known: embedded"),
    ],
)
def test_what_is_in_the_way_is_named_with_the_next_command(
    lender: Played, arguments: list[str], cause: str, advice: str
) -> None:
    port = lender.url.rstrip("/").rpartition(":")[2]
    given = [port if word == "PORT" else word for word in arguments]
    done = Shell(lender.project.root, free_port()).run("play", "--no-open", "--port", "0", *given)
    assert done.returncode in (1, 2)
    assert cause.replace("PORT", port) in done.stderr
    assert advice in done.stderr.partition("next:")[2]


@pytest.mark.slow
def test_a_project_that_is_not_built_is_told_to_build(lender: Played, tmp_path: Path) -> None:
    project = Project.open(create(tmp_path / "new", {"application": "credit-score"}).folder)
    shell = Shell(project.root, free_port())
    assert "stylus-ai train" in shell.run("play", "--no-open", "--port", "0").stderr
    shutil.copytree(lender.project.artifacts, project.artifacts)
    (project.artifacts / "build.json").unlink()
    assert "stylus-ai build" in shell.run("play", "--no-open", "--port", "0").stderr
    assert chain.port_is_free(shell.port)


def test_every_example_row_shows_the_interpreters_answer(page: Page, lender: Played) -> None:
    program = pipeline.load_program(lender.project)
    choices = page.locator("#example option").count()
    assert choices == 11
    for number in range(1, choices):
        page.locator("#example").select_option(index=number)
        row = shown_row(page, lender)
        found = interpret(program, np.array([row]))
        score, decision = percent(int(found["score"][0])), int(found["decision"][0])
        page.wait_for_selector(f"[data-shown=score] >> text='{score}'")
        assert page.locator("[data-shown=approved]").inner_text() == (
            "approved" if decision else "refused"
        )
        assert page.locator(".badge").inner_text() == "✓ Chain = Python"
        assert page.locator("[data-answer=score] .chain").inner_text() == score
        assert page.locator("[data-answer=score] .python").inner_text() == score


def test_the_reasons_are_the_interpreters_weightiest_first(page: Page, lender: Played) -> None:
    program = pipeline.load_program(lender.project)
    expected = points(program, shown_row(page, lender))
    listed = page.locator(".reasons tr")
    shown = {}
    for at in range(listed.count()):
        figure = listed.nth(at).locator(".figure").inner_text().replace(MINUS, "-")
        shown[listed.nth(at).get_attribute("data-feature")] = round(100 * float(figure))
    assert shown == dict(zip(program.features.names, expected.tolist(), strict=True))
    weights = [abs(point) for point in shown.values()]
    assert weights == sorted(weights, reverse=True)
    assert any(weights)


def test_a_slider_moves_the_number_and_the_answer(page: Page, lender: Played) -> None:
    slider = page.get_by_label("Duration months, slider")
    slider.focus()
    slider.press("End")
    assert page.locator("#feature-duration_months").input_value() == "72"
    program = pipeline.load_program(lender.project)
    found = interpret(program, np.array([shown_row(page, lender)]))
    page.wait_for_selector(f"[data-shown=score] >> text='{percent(int(found['score'][0]))}'")


def test_a_value_out_of_range_is_refused_by_the_contracts_own_name(page: Page) -> None:
    page.locator("#feature-amount_dm").fill("60000")
    alert = page.get_by_role("alert")
    alert.wait_for()
    assert alert.locator("strong").inner_text() == "The contract refused: FeatureOutOfRange"
    values = {name: alert.locator(f"[data-fact={name}]").inner_text() for name in ("value", "high")}
    assert values == {"value": "60000", "high": "20000"}
    assert page.locator(".badge").inner_text() == "✓ Python refuses the row as well"


def test_a_transaction_shows_gas_and_cost_of_its_receipt(page: Page, lender: Played) -> None:
    page.wait_for_selector("[data-fact=gas]")
    page.get_by_role("button", name="Send as a transaction").click()
    page.wait_for_selector("[data-fact=transaction]")
    check_receipt(page, lender)


def check_receipt(page: Page, lender: Played) -> None:
    """The figures on the page are those of the chain."""
    client = Client.connect(Network("embedded", lender.rpc, 412_346))
    receipt = client.receipt(page.locator("[data-fact=transaction]").inner_text())
    assert page.locator("[data-fact=gas-used]").inner_text() == f"{receipt.gas:,}"
    paid = page.locator("[data-fact=cost-paid]").inner_text().removesuffix(" ETH")
    assert paid == chain.client.ether(receipt.fee)
    sent = client.request("eth_getTransactionByHash", receipt.hash)
    row = shown_row(page, lender)
    features = pipeline.load_program(lender.project).features
    assert sent["to"].lower() == str(lender.printed["address"]).lower()
    assert sent["input"] == "0x" + chain.predict_data(features, row).hex()


def test_the_estimate_is_the_nodes_and_its_cost_follows_the_price(
    page: Page, lender: Played
) -> None:
    page.wait_for_selector("[data-fact=gas]")
    client = Client.connect(Network("embedded", lender.rpc, 412_346))
    features = pipeline.load_program(lender.project).features
    question = chain.predict_data(features, shown_row(page, lender))
    gas = client.estimate(lender.printed["address"], question, sender=chain.DEV_ADDRESS)
    assert page.locator("[data-fact=gas]").inner_text() == f"{gas:,}"
    assert page.locator("#gas-price").input_value() == "0.1"
    page.locator("#gas-price").fill("0.02")
    cost = chain.client.ether(gas * 2 * 10**7)
    assert page.locator("[data-fact=cost]").inner_text() == f"{cost} ETH"
    page.locator("#gas-price").fill("cheap")
    assert page.locator("[data-fact=cost]").inner_text() == "give a price in gwei"


def test_a_browser_wallet_sends_the_transaction(context: BrowserContext, lender: Played) -> None:
    context.add_init_script(WALLET.replace("RPC", lender.rpc))
    page = context.new_page()
    visit(page, lender.url)
    page.get_by_role("button", name="Connect wallet").click()
    page.get_by_role("button", name=re.compile(r"Wallet 0x3f1\w…\w{4}", re.IGNORECASE)).wait_for()
    page.get_by_text("Your wallet pays").wait_for()
    page.get_by_role("button", name="Send as a transaction").click()
    page.wait_for_selector("[data-fact=transaction]")
    check_receipt(page, lender)
    calls = page.evaluate("window.ethereum.calls")
    assert calls[0] == "eth_requestAccounts"
    assert calls.count("eth_sendTransaction") == 1


def test_without_a_wallet_the_button_says_so(page: Page) -> None:
    page.get_by_role("button", name="Connect wallet").click()
    page.get_by_text("This browser has no wallet").wait_for()


def test_nothing_is_loaded_from_elsewhere(context: BrowserContext, lender: Played) -> None:
    asked: list[str] = []
    page = context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    visit(page, lender.url)
    page.wait_for_selector("[data-fact=gas]")
    own = (lender.url, f"{lender.rpc}/")
    assert [url for url in asked if not url.startswith(own)] == []
    blocked = "fetch('http://127.0.0.1:9/').then(() => 'sent', () => 'blocked')"
    assert page.evaluate(blocked) == "blocked"


def test_it_fits_a_narrow_screen_and_is_labelled(context: BrowserContext, lender: Played) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 360, "height": 640})
    visit(page, lender.url)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    unnamed = """[...document.querySelectorAll('input, select, button, canvas')].filter(
      (one) => !one.labels?.length && !one.ariaLabel && !one.textContent).length"""
    assert page.evaluate(unnamed) == 0


@pytest.mark.slow
def test_the_projects_own_page_takes_the_forms_place(
    context: BrowserContext, lender: Played
) -> None:
    folder = lender.project.root / "page"
    folder.mkdir()
    (folder / "index.js").write_text(
        "export const mount = async (root, { project, ask }) => {\n"
        "  root.textContent = JSON.stringify(await ask(project.examples[0].row));\n};\n"
    )
    with played(lender.project) as own:
        page = context.new_page()
        visit(page, own.url)
        answer: dict[str, Any] = json.loads(page.locator("main").inner_text())
        visit(page, f"{own.url}?form")
        assert page.locator("#feature-amount_dm").count() == 1
    with (lender.project.fixtures / "test.csv").open(encoding="utf-8", newline="") as file:
        least = min(csv.DictReader(file), key=lambda row: int(row["score"]))
    assert answer["answer"] == {"score": least["score"], "approved": least["decision"]}
