"""The classifier's page in Chromium, on a real node: test digits, a drawn digit, the game."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pytest

from stylus_ai import chain, pipeline
from stylus_ai.chain import Client, Network
from stylus_ai.ir import interpret
from tests.play.browser import Played, built, chromium, played, visit

pytestmark = [
    *(pytest.mark.wasm, pytest.mark.node, pytest.mark.browser),
    pytest.mark.slow,
]


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """The kit's page, served."""
    with played(built(tmp_path_factory.mktemp("play") / "digits", "classifier")) as running:
        yield running


def test_digits_are_named_as_the_interpreter_names_them(digits: Played) -> None:
    program = pipeline.load_program(digits.project)
    with chromium() as browser:
        page = browser.new_page()
        page.on("pageerror", lambda error: pytest.fail(str(error)))
        visit(page, digits.url)
        examples = json.loads(page.evaluate("fetch('/project.json').then(r => r.text())"))
        samples = page.locator(".sample")
        assert samples.count() == len(examples["examples"]) == 10
        for at, example in enumerate(examples["examples"]):
            samples.nth(at).click()
            found = interpret(program, np.array([example["row"]]))
            sums = [f"{value:,}" for value in found["logits"][0].tolist()]
            page.wait_for_function(
                "(wanted) => JSON.stringify([...document.querySelectorAll('.scores .figure')]"
                ".map((one) => one.textContent)) === wanted",
                arg=json.dumps(sums, separators=(",", ":")),
            )
            named = page.locator("[data-shown=class]").inner_text()
            assert named == program.classes[int(found["class"][0])]
            assert page.locator("tr.chosen").get_attribute("data-class") == named
            assert page.locator(".answer .badge").inner_text() == "✓ Chain = Python"

        # A one, drawn by mouse.
        page.get_by_role("button", name="Clear").click()
        box = page.locator("#paper").bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + 150, box["y"] + 40)
        page.mouse.down()
        page.mouse.move(box["x"] + 140, box["y"] + 240, steps=12)
        page.mouse.up()
        page.wait_for_selector("[data-shown=class] >> text='1'")
        assert page.locator(".answer .badge").inner_text() == "✓ Chain = Python"

        # What is sent is the packed drawing that Python gets too.
        page.wait_for_selector("[data-fact=gas]")
        page.get_by_role("button", name="Send as a transaction").click()
        tx = page.locator("[data-fact=transaction]").inner_text()
        client = Client.connect(Network("embedded", digits.rpc, 412_346))
        sent = client.request("eth_getTransactionByHash", tx)["input"]
        packed = bytes.fromhex(sent[2:])[4 + 64 :][: program.features.packed_length]
        row = program.features.unpack(packed)
        assert sent == "0x" + chain.predict_data(program.features, row.tolist()).hex()
        assert interpret(program, row[np.newaxis])["class"][0] == 1

        # The digit of the day, by a test digit of that class.
        day = page.locator("#task").inner_text().removesuffix(".").rpartition(" ")[2]
        page.locator(f".sample[aria-label$=' a {day}']").first.click()
        page.wait_for_selector(f"[data-shown=class] >> text='{day}'")
        page.get_by_role("button", name="Hand in the drawing").click()
        page.get_by_text("Solved: the contract notes the day").wait_for()
