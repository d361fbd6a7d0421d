"""Pictures of how well a classifier does, as SVG: any browser shows them."""

from html import escape

import numpy as np

CELL = 36
PIXEL = 6


def confusion(counts: np.ndarray, names: str) -> str:
    """The confusion matrix: what is drawn goes down, what the model says goes right.

    Args:
        counts: int[classes, classes].
        names: A letter for each class.
    """
    size = (len(names) + 2) * CELL
    parts = [text(CELL * 1.5, CELL * 0.5, "drawn ↓  named →", anchor="start")]
    for number, name in enumerate(names):
        parts += [text(CELL * (number + 1.5), CELL * 1.1, name), text(CELL * 0.6, y(number), name)]
    for (row, column), count in np.ndenumerate(counts):
        share = count / max(1, counts[row].sum())
        colour = "34, 139, 34" if row == column else "200, 30, 30"
        strength = share if row == column else min(1.0, 8 * share)
        place = f'x="{CELL * (column + 1)}" y="{y(row) - CELL * 0.6:.0f}"'
        parts.append(
            f'<rect {place} width="{CELL}" height="{CELL}" fill="rgba({colour}, {strength:.2f})"/>'
        )
        if count:
            parts.append(text(CELL * (column + 1.5), y(row), str(count)))
    return document(size, size, parts)


def mistakes(rows: np.ndarray, labels: np.ndarray, sums: np.ndarray, most: int = 40) -> str:
    """The digits that the model is most surely wrong about, with what it says.

    Args:
        rows: int[n, 196] of 0..15.
        labels: What they show, int[n].
        sums: The model's sums, int[n, 10].
        most: Digits to show.
    """
    named = sums.argmax(axis=1)
    behind = sums.max(axis=1) - sums[np.arange(len(labels)), labels]
    worst = [int(i) for i in np.argsort(-behind, kind="stable") if named[i] != labels[i]][:most]
    side = 14 * PIXEL
    step = side + 16
    parts = []
    for place, number in enumerate(worst):
        left, top = 8 + step * (place % 10), 8 + (step + 12) * (place // 10)
        parts.append(f'<rect x="{left}" y="{top}" width="{side}" height="{side}" fill="#eee"/>')
        for at, ink in enumerate(rows[number].tolist()):
            if ink:
                place_of = f'x="{left + PIXEL * (at % 14)}" y="{top + PIXEL * (at // 14)}"'
                size = f'width="{PIXEL}" height="{PIXEL}" fill-opacity="{ink / 15:.2f}"'
                parts.append(f"<rect {place_of} {size}/>")
        said = f"{labels[number]}, named {named[number]}"
        parts.append(text(left + side / 2, top + side + 14, said))
    return document(10 * step + 8, (step + 12) * max(1, -(-len(worst) // 10)) + 8, parts)


def y(row: int) -> float:
    """Where the text of a row of the matrix stands."""
    return CELL * (row + 1.9)


def text(x: float, top: float, words: str, anchor: str = "middle") -> str:
    """A piece of text."""
    return f'<text x="{x:.0f}" y="{top:.0f}" text-anchor="{anchor}">{escape(words)}</text>'


def document(width: float, height: float, parts: list[str]) -> str:
    """A whole SVG file."""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" font-family="sans-serif" font-size="13">'
    )
    return "\n".join([head, '<rect width="100%" height="100%" fill="white"/>', *parts, "</svg>\n"])
