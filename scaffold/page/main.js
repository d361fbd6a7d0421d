// Start: what the project is, who is asked, and the page that shows it.

import { text, texts } from "./answers.js";
import { Chain } from "./chain.js";
import { fill, h } from "./dom.js";
import * as parts from "./parts.js";
import { pack } from "./rows.js";
import { spending } from "./spending.js";

/** JSON of this server; its errors are thrown with their next step. */
async function fetched(path, body) {
  const options = body && { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
  const value = await (await fetch(path, options)).json();
  if (value.error) throw new Error(`${value.error.cause} ${value.error.next_step}`.trim());
  return value;
}

/** What a page is given: see docs/play.md. */
function made(project, chain) {
  const packed = (row) => pack(project, row);
  return {
    project,
    chain,
    parts,
    pack: packed,
    costs: spending(chain, project.network.name),
    /** The contract's answer to a row, as texts of integers. */
    async ask(row) {
      return { answer: texts(project, await chain.ask("predict", [packed(row)])) };
    },
    /** The same with reasons, of a model that gives them. */
    async explain(row) {
      const returned = await chain.ask("explain", [packed(row)]);
      const count = project.answers.length;
      return {
        answer: texts(project, count === 1 ? returned[0] : returned.slice(0, count)),
        leaves: text(returned[count]),
        points: text(returned[count + 1]),
      };
    },
    /** Python's answer to a row, in the same form. */
    python: (row) => fetched("/answer", { row }),
    /** Calls a function of the contract by a transaction: see chain.js. */
    send: (...call) => chain.send(...call),
  };
}

function header(project, chain) {
  const status = h("p", { class: "hint", role: "status", id: "payer" });
  const button = h("button", { type: "button", class: "quiet" }, "Connect wallet");
  const short = (address) => `${address.slice(0, 6)}…${address.slice(-4)}`;
  chain.addEventListener("sender", () => {
    const wallet = chain.sender?.wallet;
    fill(button, wallet ? `Wallet ${short(chain.sender.account)}` : "Connect wallet");
  });
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await chain.connect();
      fill(status);
    } catch (error) {
      fill(status, error.details ?? error.message);
    }
    button.disabled = false;
  });
  return [
    h("div", {}, h("h1", {}, project.name), h("p", { class: "hint" }, `${project.application} on ${project.network.name}, chain ${project.network.chain_id}`)),
    h("div", { class: "wallet" }, button, status),
  ];
}

function footer(project) {
  return parts.facts(
    ["Contract", h("code", {}, project.contract.address), "address"],
    ["Model hash", h("code", {}, project.model.hash), "model-hash"],
    ["Model", project.model.source],
  );
}

async function start() {
  const main = document.getElementById("main");
  try {
    const project = await fetched("/project.json");
    document.title = `${project.name}: ${project.application}`;
    const chain = new Chain(project);
    fill(document.getElementById("header"), header(project, chain));
    fill(document.getElementById("footer"), footer(project));
    await chain.start();
    const own = project.page && !new URLSearchParams(location.search).has("form");
    const page = await import(own ? "/page/index.js" : "./form.js");
    await page.mount(main, made(project, chain));
    document.body.dataset.ready = "true";
  } catch (error) {
    fill(main, parts.problem(error), h("p", { class: "hint" }, "Start the page again: stylus-ai play"));
  }
}

start();
