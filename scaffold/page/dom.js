// Elements by function calls; text is always text, never markup.

/**
 * Makes an element.
 *
 * @param {string} tag Its name.
 * @param {Object} fields Attributes; `class`, `on` (event -> handler) and `style` (property -> value) among them.
 * @param {...(Node|string|number|null)} children What is in it; null is left out.
 */
export function h(tag, fields = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(fields)) {
    if (name === "on") {
      for (const [event, handler] of Object.entries(value)) element.addEventListener(event, handler);
    } else if (name === "style") {
      // By property: the page's policy allows no style attribute.
      for (const [property, text] of Object.entries(value)) element.style.setProperty(property, text);
    } else if (value === true) {
      element.setAttribute(name, "");
    } else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Replaces what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Calls `work` once nothing has happened for so many milliseconds; the last call's arguments count. */
export function debounced(milliseconds, work) {
  let timer;
  return (...given) => {
    clearTimeout(timer);
    timer = setTimeout(() => work(...given), milliseconds);
  };
}
