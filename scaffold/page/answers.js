// What answers look like, and whether chain and Python agree.

import { format } from "./rows.js";

/** What a contract returned as texts of integers, as Python's answers are: one, or an array of them. */
export function texts(project, returned) {
  const values = project.answers.length === 1 ? [returned] : returned;
  return Object.fromEntries(project.answers.map((answer, at) => [answer.name, text(values[at])]));
}

/** An integer, a boolean or an array of them as decimal text. */
export function text(value) {
  if (Array.isArray(value)) return value.map(text);
  return String(typeof value === "boolean" ? Number(value) : value);
}

/** True where two answers are the same integers. */
export function same(left, right) {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** An answer's integer, in its text, as people read it. */
export function shown(answer, value) {
  switch (answer.meaning) {
    case "basis points":
      return `${(Number(value) / 100).toFixed(2)} %`;
    case "decision":
    case "class":
      return answer.labels[Number(value)] ?? value;
    default:
      return answer.scale === 1 ? format(Number(value)) : (Number(value) / answer.scale).toPrecision(6);
  }
}

/** The answers that are a value each, and those that are an array of them. */
export function split(project) {
  return {
    single: project.answers.filter((answer) => !answer.type.endsWith("]")),
    arrays: project.answers.filter((answer) => answer.type.endsWith("]")),
  };
}
