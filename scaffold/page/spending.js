// What an answer costs: the estimate, a price that can be changed, and a real transaction.

import { fill, h } from "./dom.js";
import { card, costAt, ether, facts, gas, problem } from "./parts.js";
import { formatGwei } from "./viem.js";

/**
 * The card about gas. Call `show(name, args)` with the call that is paid for.
 *
 * @param {Object} chain See chain.js.
 * @param {string} network Its name, for people.
 */
export function spending(chain, network) {
  let call = null;
  let amount = null;
  const price = h("input", { id: "gas-price", type: "text", inputmode: "decimal", size: 8, autocomplete: "off" });
  const button = h("button", { type: "button" }, "Send as a transaction");
  const estimate = h("div", {});
  const receipt = h("div", { "aria-live": "polite" });
  const payer = h("p", { class: "hint" });

  function costs() {
    if (amount === null) return fill(estimate);
    const cost = costAt(amount, price.value);
    fill(
      estimate,
      facts(
        ["Gas, estimated", gas(amount), "gas"],
        ["Cost at that price", cost === null ? "give a price in gwei" : ether(cost), "cost"],
      ),
    );
  }
  function who() {
    const { sender } = chain;
    button.disabled = !sender || !call;
    const text = !sender
      ? "Connect a wallet to send one; asking is free."
      : sender.wallet
        ? `Your wallet pays: ${sender.account}`
        : `The public account of the ${network} chain pays, with play money: ${sender.account}`;
    fill(payer, text);
  }
  async function send() {
    button.disabled = true;
    fill(receipt, h("p", { class: "note" }, "Sending …"));
    try {
      const found = await chain.send(...call);
      fill(
        receipt,
        facts(
          ["Gas, used", gas(found.gasUsed), "gas-used"],
          ["Price of the block", `${formatGwei(found.price)} gwei`, "price"],
          ["Cost", ether(found.cost), "cost-paid"],
          ["Block", String(found.blockNumber), "block"],
          ["Transaction", h("code", {}, found.transactionHash), "transaction"],
        ),
      );
    } catch (error) {
      fill(receipt, problem(error));
    }
    who();
  }
  price.addEventListener("input", costs);
  button.addEventListener("click", send);
  chain.addEventListener("sender", who);
  chain.gasPrice().then((wei) => {
    price.value = formatGwei(wei);
    costs();
  }, () => {});
  who();

  const label = h("label", { for: "gas-price" }, "Gas price, gwei ", price);
  const element = card("What it costs", label, estimate, button, payer, receipt);
  element.classList.add("costs");
  return {
    element,
    /** Shows what calling a function by a transaction would cost; null where it would fail. */
    async show(next) {
      call = next;
      amount = next === null ? null : await chain.gas(...next).catch(() => null);
      costs();
      who();
    },
  };
}
