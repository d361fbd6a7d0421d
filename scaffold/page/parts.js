// Pieces that the form and a project's own page are made of.

import { shown, split } from "./answers.js";
import { h } from "./dom.js";
import { format, natural, title } from "./rows.js";
import { formatEther, parseGwei } from "./viem.js";

/** A box with a heading. */
export function card(heading, ...children) {
  return h("section", { class: "card" }, h("h2", {}, heading), ...children);
}

/** Whether chain and Python say the same. */
export function badge(agree, yes = "Chain = Python", no = "Chain and Python differ") {
  return h("p", { class: agree ? "badge good" : "badge bad", "data-agree": String(agree) }, agree ? `✓ ${yes}` : `✗ ${no}`);
}

/** The values of chain and Python side by side. */
export function comparison(project, chain, python) {
  const rows = split(project).single.map((answer) =>
    h(
      "tr",
      { "data-answer": answer.name },
      h("th", { scope: "row" }, title(answer.name)),
      h("td", { class: "chain" }, shown(answer, chain[answer.name])),
      h("td", { class: "python" }, shown(answer, python[answer.name])),
    ),
  );
  const head = h("tr", {}, h("td", {}), h("th", { scope: "col" }, "Contract"), h("th", { scope: "col" }, "Python"));
  return h("table", { class: "comparison" }, h("thead", {}, head), h("tbody", {}, rows));
}

/** A share of 10,000 as a bar with its figure. */
export function meter(basisPoints, label) {
  const percent = Number(basisPoints) / 100;
  return h(
    "div",
    { class: "meter", role: "meter", "aria-label": label, "aria-valuemin": 0, "aria-valuemax": 100, "aria-valuenow": percent },
    h("span", { style: { width: `${percent}%` } }),
  );
}

/** Class scores as bars, the largest marked; `chosen` is the class that was named. */
export function scores(answer, values, chosen) {
  const numbers = values.map(Number);
  const low = answer.meaning === "basis points" ? 0 : Math.min(...numbers, 0);
  const high = answer.meaning === "basis points" ? 10_000 : Math.max(...numbers, low + 1);
  const rows = answer.labels.map((label, at) =>
    h(
      "tr",
      { class: at === chosen ? "chosen" : "", "data-class": label },
      h("th", { scope: "row" }, label),
      h("td", { class: "bar" }, h("span", { style: { width: `${(100 * (numbers[at] - low)) / (high - low)}%` } })),
      h("td", { class: "figure" }, shown(answer, values[at])),
    ),
  );
  return h("table", { class: "scores" }, h("caption", { class: "unseen" }, "Score of each class"), h("tbody", {}, rows));
}

/** What moved the score, the weightiest feature first: bars to the left take away, to the right add. */
export function reasons(project, row, points) {
  const largest = Math.max(...points.map((point) => Math.abs(Number(point))), 1);
  const ranked = project.features
    .map((feature, at) => ({ feature, value: row[at], point: Number(points[at]) }))
    .sort((left, right) => Math.abs(right.point) - Math.abs(left.point));
  const rows = ranked.map(({ feature, value, point }) => {
    const share = (50 * Math.abs(point)) / largest;
    const side = point < 0 ? { right: "50%" } : { left: "50%" };
    return h(
      "tr",
      { "data-feature": feature.name },
      h("th", { scope: "row" }, title(feature.name), h("small", {}, natural(feature, value))),
      h("td", { class: "swing" }, h("span", { class: point < 0 ? "less" : "more", style: { width: `${share}%`, ...side } })),
      h("td", { class: "figure" }, signed(point)),
    );
  });
  return h("table", { class: "reasons" }, h("caption", { class: "unseen" }, "Points that each feature adds"), h("tbody", {}, rows));
}

function signed(point) {
  return `${point > 0 ? "+" : point < 0 ? "−" : ""}${(Math.abs(point) / 100).toFixed(2)}`;
}

/** An amount of wei in ether, in full. */
export function ether(wei) {
  return `${formatEther(wei)} ETH`;
}

/** Gas as people write it. */
export function gas(amount) {
  return format(Number(amount));
}

/** Names and values. */
export function facts(...pairs) {
  const rows = pairs.filter(Boolean).map(([name, value, key]) => [
    h("dt", {}, name),
    h("dd", key ? { "data-fact": key } : {}, value),
  ]);
  return h("dl", { class: "facts" }, rows.flat());
}

/** What an amount of gas costs at a price in gwei as somebody typed it; null where that is no price. */
export function costAt(amount, gwei) {
  if (!/^\d+(\.\d{1,9})?$/.test(gwei)) return null;
  return amount * parseGwei(gwei);
}

/** A failure, in words that are read out. */
export function problem(error, heading = "The contract refused") {
  const what = error.errorName ? `${heading}: ${error.errorName}` : "That did not work";
  const values = error.errorName ? Object.entries(error.values) : [];
  return h(
    "div",
    { class: "problem", role: "alert" },
    h("strong", {}, what),
    values.length ? facts(...values.map(([name, value]) => [name, String(value), name])) : null,
    error.errorName ? null : h("p", {}, error.message),
  );
}
