// The classifier's page: draw a digit, the contract names it. Yours to change: save and reload.

import { same } from "/answers.js";
import { debounced, fill, h } from "/dom.js";
import { SIDE, pen, picture, pooled, show } from "./drawing.js";

/** What of contract/src/lib.rs the page uses beside the model's own functions. */
const GAME = [
  { type: "function", name: "digitOfTheDay", stateMutability: "view", inputs: [], outputs: [{ type: "uint16" }] },
  { type: "function", name: "solve", stateMutability: "nonpayable", inputs: [{ type: "bytes" }], outputs: [{ type: "bool" }] },
];
/** How long the pen may rest before the contract is asked, in milliseconds. */
const PAUSE = 120;

export function mount(root, { project, chain, parts, pack, ask, python, costs }) {
  const [named, scores] = project.answers;
  const canvas = h("canvas", { width: 280, height: 280, class: "paper", id: "paper", role: "img",
    "aria-label": "Draw a digit here by mouse, finger or pen. By keyboard: choose a test digit below." });
  const seen = h("canvas", { width: SIDE, height: SIDE, class: "seen", role: "img", "aria-label": "What the contract sees: 14 by 14 pixels of 16 greys" });
  const answer = h("div", { class: "answer", "aria-live": "polite" }, h("p", { class: "note" }, "Draw a digit from 0 to 9."));
  let asked = 0;

  async function judge(row) {
    const turn = ++asked;
    show(seen, row);
    if (row.every((pixel) => pixel === 0)) {
      costs.show(null);
      return fill(answer, h("p", { class: "note" }, "Draw a digit from 0 to 9."));
    }
    try {
      const [theirs, ours] = await Promise.all([ask(row), python(row)]);
      if (turn !== asked) return undefined;
      const digit = theirs.answer[named.name];
      fill(
        answer,
        h("p", { class: "verdict" }, h("span", { class: "figure", "data-shown": named.name }, named.labels[digit])),
        parts.badge(same(theirs.answer, ours.answer)),
        parts.comparison(project, theirs.answer, ours.answer),
        parts.scores(scores, theirs.answer[scores.name], Number(digit)),
      );
      costs.show(["predict", [pack(row)]]);
    } catch (error) {
      fill(answer, parts.problem(error));
    }
    return undefined;
  }

  let row = new Array(SIDE * SIDE).fill(0);
  const take = (next) => judge((row = next));
  const drawn = debounced(PAUSE, () => take(pooled(canvas)));
  const clear = pen(canvas, drawn);

  const samples = project.examples.map((example) => {
    const small = h("canvas", { width: SIDE, height: SIDE });
    show(small, example.row);
    const digit = named.labels[example.answer[named.name]];
    const use = () => {
      clear();
      picture(canvas, example.row);
      take(example.row);
    };
    return h("button", { type: "button", class: "sample", "aria-label": `Test digit ${example.number}, a ${digit}`, on: { click: use } }, small);
  });
  const wipe = h("button", { type: "button", class: "quiet", on: { click: () => { clear(); take(new Array(SIDE * SIDE).fill(0)); } } }, "Clear");

  fill(
    root,
    h("link", { rel: "stylesheet", href: "/page/style.css" }),
    h(
      "div",
      { class: "columns" },
      h(
        "div",
        { class: "stack" },
        parts.card("Draw a digit", h("div", { class: "desk" }, canvas, h("figure", {}, seen, h("figcaption", { class: "hint" }, "What the contract sees"))), wipe,
          h("h3", {}, "Or take a test digit"), h("div", { class: "samples" }, samples)),
        costs.element,
      ),
      h("div", { class: "stack" }, parts.card("What the contract answers", answer), game(() => row, { project, chain, parts, pack })),
    ),
  );
  show(seen, row);
}

/** The digit of the day: handing in a drawing is a transaction, as the contract notes who solved it. */
function game(drawing, { project, chain, parts, pack }) {
  // With the errors of the model, so that a refusal has its name.
  const contract = { address: project.contract.address, abi: [...GAME, ...project.contract.abi.filter((one) => one.type === "error")] };
  const task = h("p", { id: "task" });
  const outcome = h("div", { "aria-live": "polite" });
  const button = h("button", { type: "button" }, "Hand in the drawing");
  chain.ask("digitOfTheDay", [], contract).then((digit) => fill(task, `Today's digit is ${digit}.`), (error) => fill(task, error.message));
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      const call = [pack(drawing())];
      // What it will say can be asked for nothing, by the account that sends it.
      const right = await chain.ask("solve", call, contract);
      const receipt = await chain.send("solve", call, { contract });
      fill(outcome, parts.badge(right, "Solved: the contract notes the day", "Not today's digit"), parts.facts(["Gas, used", parts.gas(receipt.gasUsed), "gas-solve"]));
    } catch (error) {
      fill(outcome, parts.problem(error));
    }
    button.disabled = false;
  });
  return parts.card("The digit of the day", task, button, outcome);
}
