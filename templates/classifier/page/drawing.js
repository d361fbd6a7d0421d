// A pen on a canvas, and the row of 14 x 14 pixels that the model sees of it, made as MNIST's digits were.

/** Pixels of a side as the model sees them, and of MNIST's pictures. */
export const SIDE = 14;
const MNIST = 28;
/** The box that MNIST fits a digit into, before it is put in the middle by its weight. */
const BOX = 20;
/** Value of full ink: 4 bits. */
const LEVELS = 15;
const WHITE = 255;
/** Width of the pen, of a canvas of 280. */
const PEN = 22;

/**
 * Lets mouse, finger and pen draw white on black.
 *
 * @param {function()} drawn Called after every stroke's piece.
 * @returns {function()} Wipes the canvas.
 */
export function pen(canvas, drawn) {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  let last = null;
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const scale = canvas.width / box.width;
    return [(event.clientX - box.left) * scale, (event.clientY - box.top) * scale];
  };
  const stroke = (event) => {
    const next = place(event);
    context.strokeStyle = "#fff";
    context.lineWidth = PEN;
    context.lineCap = context.lineJoin = "round";
    context.beginPath();
    context.moveTo(...last);
    context.lineTo(...next);
    context.stroke();
    last = next;
    drawn();
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    last = place(event);
    stroke(event);
  });
  canvas.addEventListener("pointermove", (event) => last && stroke(event));
  for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => (last = null));
  const clear = () => {
    context.fillStyle = "#000";
    context.fillRect(0, 0, canvas.width, canvas.height);
  };
  clear();
  return clear;
}

/** The row of what is drawn, 196 integers of 0..15; all 0 for nothing. */
export function pooled(canvas) {
  const digit = centred(canvas);
  return Array.from({ length: SIDE * SIDE }, (_, at) => {
    const [y, x] = [2 * Math.floor(at / SIDE), 2 * (at % SIDE)];
    const sum = [0, 1, MNIST, MNIST + 1].reduce((total, step) => total + digit[y * MNIST + x + step], 0);
    // Rounded half up, as stylus_ai.compress.qat.pooled does it.
    return Math.floor((2 * LEVELS * sum + WHITE * 4) / (2 * WHITE * 4));
  });
}

/** The drawing as 28 x 28 bytes: fitted into 20 x 20, its weight in the middle. */
function centred(canvas) {
  const context = canvas.getContext("2d");
  const ink = brightness(context.getImageData(0, 0, canvas.width, canvas.height));
  const box = bounds(ink, canvas.width);
  if (!box) return new Array(MNIST * MNIST).fill(0);
  const scale = BOX / Math.max(box.width, box.height);
  const [width, height] = [box.width * scale, box.height * scale];
  const at = (left, top) => {
    const small = new OffscreenCanvas(MNIST, MNIST).getContext("2d");
    small.imageSmoothingQuality = "high";
    small.fillRect(0, 0, MNIST, MNIST);
    small.drawImage(canvas, box.left, box.top, box.width, box.height, left, top, width, height);
    return brightness(small.getImageData(0, 0, MNIST, MNIST));
  };
  const [left, top] = [(MNIST - width) / 2, (MNIST - height) / 2];
  const [x, y] = weight(at(left, top));
  return at(left + Math.round((MNIST - 1) / 2 - x), top + Math.round((MNIST - 1) / 2 - y));
}

/** The red of each pixel: on white and black, its brightness. */
function brightness(image) {
  return Array.from({ length: image.data.length / 4 }, (_, at) => image.data[4 * at]);
}

/** The least rectangle with all ink, or null. */
function bounds(ink, side) {
  const inked = ink.flatMap((value, at) => (value > WHITE / 4 ? [at] : []));
  if (!inked.length) return null;
  const columns = inked.map((at) => at % side);
  const left = columns.reduce((least, column) => Math.min(least, column));
  const right = columns.reduce((most, column) => Math.max(most, column));
  const [top, bottom] = [Math.floor(inked[0] / side), Math.floor(inked.at(-1) / side)];
  return { left, top, width: right - left + 1, height: bottom - top + 1 };
}

/** Where the weight of 28 x 28 bytes lies, as x and y. */
function weight(digit) {
  const total = digit.reduce((sum, value) => sum + value, 0) || 1;
  const mean = (place) => digit.reduce((sum, value, at) => sum + value * place(at), 0) / total;
  return [mean((at) => at % MNIST), mean((at) => Math.floor(at / MNIST))];
}

/** Shows a row on a canvas of 14 x 14. */
export function show(canvas, row) {
  const context = canvas.getContext("2d");
  const image = context.createImageData(SIDE, SIDE);
  row.forEach((value, at) => image.data.set([...new Array(3).fill((WHITE / LEVELS) * value), WHITE], 4 * at));
  context.putImageData(image, 0, 0);
}

/** Shows a row on the large canvas. */
export function picture(canvas, row) {
  const small = document.createElement("canvas");
  small.width = small.height = SIDE;
  show(small, row);
  const context = canvas.getContext("2d");
  context.imageSmoothingEnabled = false;
  context.drawImage(small, 0, 0, canvas.width, canvas.height);
}
