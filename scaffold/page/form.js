// The page of any model: a control for each feature, the contract's answer, Python's beside it, reasons and costs.

import { same, shown, split } from "./answers.js";
import { control } from "./controls.js";
import { debounced, fill, h } from "./dom.js";
import { badge, card, comparison, meter, problem, reasons, scores } from "./parts.js";

/** How long the user may pause before the contract is asked, in milliseconds. */
const PAUSE = 150;

/** Puts the form into `root`; `api` is what main.js makes. */
export function mount(root, { project, ask, explain, python, pack, costs }) {
  const answer = h("div", { class: "answer", "aria-live": "polite" }, h("p", { class: "note" }, "Asking …"));
  const why = h("div", {});
  const controls = project.features.map((feature) => control(feature, feature.reference, () => changed()));
  let asked = 0;

  async function show() {
    const turn = ++asked;
    const row = controls.map((one) => one.value);
    const outcome = await Promise.allSettled([project.model.explains ? explain(row) : ask(row), python(row)]);
    if (turn !== asked) return; // a later question overtook this one
    const [chain, ours] = outcome;
    if (chain.status === "rejected") {
      const refused = chain.reason.errorName && ours.status === "rejected";
      fill(answer, problem(chain.reason), refused ? badge(true, "Python refuses the row as well") : null);
      if (refused) answer.append(h("p", { class: "hint" }, ours.reason.message));
      fill(why);
      costs.show(null);
    } else if (ours.status === "rejected") {
      fill(answer, problem(ours.reason), badge(false));
    } else {
      fill(answer, verdict(project, chain.value, ours.value));
      fill(why, chain.value.points ? reasons(project, row, chain.value.points) : null);
      costs.show(["predict", [pack(row)]]);
    }
  }
  const changed = debounced(PAUSE, show);

  const fields = h("form", { class: "fields" }, controls.map((one) => one.element));
  fields.addEventListener("submit", (event) => {
    event.preventDefault();
    show();
  });
  fill(
    root,
    h(
      "div",
      { class: "columns" },
      h("div", { class: "stack" }, card("Input", examples(project, controls, show), fields), costs.element),
      h(
        "div",
        { class: "stack" },
        card("What the contract answers", answer),
        project.model.explains
          ? card("Why", h("p", { class: "hint" }, "Points of the score, against the median of the training rows."), why)
          : null,
      ),
    ),
  );
  return show();
}

/** Answer, agreement, and the two side by side. */
function verdict(project, chain, ours) {
  const { single, arrays } = split(project);
  const agree = same(chain.answer, ours.answer) && same(chain.points ?? null, project.model.explains ? ours.points : null);
  const decision = single.find((one) => one.meaning === "decision" || one.meaning === "class");
  const score = single.find((one) => one.meaning === "basis points") ?? single.find((one) => one.meaning === "number");
  const said = decision && chain.answer[decision.name];
  const tone = decision?.meaning === "decision" ? (said === "1" ? "yes" : "no") : "";
  return [
    h(
      "p",
      { class: "verdict" },
      score ? h("span", { class: "figure", "data-shown": score.name }, shown(score, chain.answer[score.name])) : null,
      decision ? h("span", { class: `pill ${tone}`, "data-shown": decision.name }, shown(decision, said)) : null,
    ),
    score?.meaning === "basis points" ? meter(chain.answer[score.name], score.name) : null,
    badge(agree),
    comparison(project, chain.answer, ours.answer),
    ...arrays.map((one) => scores(one, chain.answer[one.name], decision ? Number(said) : -1)),
  ];
}

/** Rows to load: those of the test set that project.json brings. */
function examples(project, controls, show) {
  const first = project.answers[0];
  const options = project.examples.map(({ number, answer }, at) => {
    const value = answer[first.name];
    return h("option", { value: at }, `Test row ${number}: ${shown(first, Array.isArray(value) ? value[0] : value)}`);
  });
  const picked = h("select", { id: "example" }, h("option", { value: "" }, "The median row"), options);
  picked.addEventListener("change", () => {
    const chosen = picked.value === "" ? project.features.map((one) => one.reference) : project.examples[picked.value].row;
    controls.forEach((one, at) => (one.value = chosen[at]));
    show();
  });
  // The median has no reasons to show: it is what they compare with.
  if (project.examples.length) {
    picked.value = "0";
    controls.forEach((one, at) => (one.value = project.examples[0].row[at]));
  }
  return h("div", { class: "field" }, h("label", { for: "example" }, "Start from"), picked);
}
