// One control for each feature: a choice for labels, else a slider with a number beside it.

import { h } from "./dom.js";
import { natural, title } from "./rows.js";

/**
 * The control of a feature, in a field with its label.
 *
 * @param {Object} feature As in project.json.
 * @param {number} value The integer to begin with.
 * @param {function()} changed Called when the value is another one.
 * @returns {{element: HTMLElement, value: number}} `value` can be read and set; NaN while it is no number.
 */
export function control(feature, value, changed) {
  const id = `feature-${feature.name}`;
  const kind = feature.labels.length ? choice(feature, id, changed) : number(feature, id, changed);
  const hint = [feature.about, feature.labels.length ? "" : range(feature)].filter(Boolean).join(" ");
  const element = h(
    "div",
    { class: "field" },
    h("label", { for: id }, title(feature.name)),
    kind.element,
    hint ? h("p", { class: "hint", id: `${id}-hint` }, hint) : null,
  );
  kind.value = value;
  return {
    element,
    get value() {
      return kind.value;
    },
    set value(next) {
      kind.value = next;
    },
  };
}

function range(feature) {
  const gap = feature.missing ? ", or empty if missing" : "";
  return `${natural(feature, feature.low)} to ${natural(feature, feature.high)}${gap}`;
}

function choice(feature, id, changed) {
  const options = feature.labels.map((label, at) => h("option", { value: feature.low + at }, label));
  if (feature.missing) options.push(h("option", { value: feature.high + 1 }, "missing"));
  const element = h("select", { id, name: feature.name, on: { change: changed } }, options);
  return {
    element,
    get value() {
      return Number(element.value);
    },
    set value(next) {
      element.value = String(next);
    },
  };
}

function number(feature, id, changed) {
  const { scale } = feature;
  const limits = { min: feature.low / scale, max: feature.high / scale, step: 1 / scale };
  const slider = h("input", { type: "range", ...limits, "aria-label": `${title(feature.name)}, slider` });
  // The number takes what is out of range too: the contract says what it makes of it.
  const typed = h("input", { type: "number", id, name: feature.name, step: 1 / scale, inputmode: "decimal" });
  if (feature.about || !feature.labels.length) typed.setAttribute("aria-describedby", `${id}-hint`);
  slider.addEventListener("input", () => {
    typed.value = slider.value;
    changed();
  });
  typed.addEventListener("input", () => {
    slider.value = typed.value;
    changed();
  });
  return {
    element: h("div", { class: "pair" }, slider, typed),
    get value() {
      if (typed.value === "") return feature.missing ? feature.high + 1 : NaN;
      return Math.round(Number(typed.value) * scale);
    },
    set value(next) {
      const gap = feature.missing && next === feature.high + 1;
      typed.value = gap ? "" : String(next / scale);
      slider.value = typed.value;
    },
  };
}
