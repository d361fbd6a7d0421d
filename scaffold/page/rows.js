// Rows: integers as the contract sees them, from and to what people read, and as packed bytes.

/** An integer of a feature in natural units, or its label. */
export function natural(feature, value) {
  if (feature.missing && value === feature.high + 1) return "missing";
  if (feature.labels.length) return feature.labels[value - feature.low] ?? String(value);
  return `${format(value / feature.scale)}${feature.unit ? ` ${feature.unit}` : ""}`;
}

/** A number as people write it. */
export function format(number) {
  return number.toLocaleString("en", { maximumFractionDigits: 9 });
}

/** `wallet_age_days` as people read it. */
export function title(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/**
 * A row as the bytes that `predict(bytes)` takes, in hex: big-endian and tight, in the features' order, or `bits` for each
 * value with the first in the highest bits.
 *
 * @throws {RangeError} A value does not fit its bytes; the contract could not be told of it.
 */
export function pack(project, row) {
  const { bits } = project.model;
  const pieces = project.features.map((feature, at) =>
    binary(feature.name, row[at], bits ?? 8 * feature.width, bits === null && feature.signed),
  );
  const all = pieces.join("");
  const filled = all.padEnd(Math.ceil(all.length / 8) * 8, "0");
  const bytes = filled.match(/.{8}/g) ?? [];
  return `0x${bytes.map((byte) => parseInt(byte, 2).toString(16).padStart(2, "0")).join("")}`;
}

function binary(name, value, bits, signed) {
  const least = signed ? -(2 ** (bits - 1)) : 0;
  const most = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  if (!Number.isInteger(value) || value < least || value > most) {
    throw new RangeError(`${name}: ${value} cannot be packed; give a whole step from ${least} to ${most}.`);
  }
  return (value < 0 ? value + 2 ** bits : value).toString(2).padStart(bits, "0");
}
