"""A profile as a flame graph: one SVG that opens in any browser, without scripts.

Width is ink; a place stands below its caller (an "icicle", so that the page begins with the whole).
What is too narrow to see is left out; its ink still widens its caller.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from stylus_ai.reports.profile import Place, Profile

WIDTH = 1200
ROW = 18
TOP = 46
NARROWEST = 0.4
"""Places below this width, in pixels, are not drawn."""

CHARACTER = 6.6
"""Pixels of a character of the label's font."""

COLOURS = {
    "transaction": "#c9c9c9",
    "program": "#9db8d9",
    "contract": "#9db8d9",
    "precompile": "#9db8d9",
    "function": "#f2b56b",
    "inlined": "#f7d9a0",
    "part": "#8fc98b",
    "host": "#d99bc2",
    "lost": "#e07a70",
}


def flame_graph(profile: Profile, title: str) -> str:
    """The SVG.

    Args:
        profile: What to draw.
        title: Heading, e.g. the call.
    """
    root = profile.running()
    total = root.total
    boxes: list[str] = []
    deepest = 0
    waiting = [(root, 0.0, 0)]  # place, left edge, row
    while waiting:
        place, x, row = waiting.pop()
        width = place.total * WIDTH / max(total, 1)
        if width < NARROWEST:
            continue
        share = 100 * place.total / max(total, 1)
        tip = f"{place.total / profile.ink_price:,.1f} gas, {share:.2f} %"
        boxes.append(_box(place, x, width, row, tip))
        deepest = max(deepest, row)
        for child in sorted(place.children.values(), key=lambda child: -child.total):
            waiting.append((child, x, row + 1))
            x += child.total * WIDTH / max(total, 1)
    height = TOP + (deepest + 1) * ROW + 10
    ran = f"{total / profile.ink_price:,.1f} of {profile.gas:,} gas run the program"
    head = escape(f"{title}: {ran}")
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" font-family="ui-monospace, monospace" '
            'font-size="11">',
            f"<title>{head}</title>",
            '<rect width="100%" height="100%" fill="#ffffff"/>',
            f'<text x="8" y="20" font-size="14" fill="#222222">{head}</text>',
            f'<text x="8" y="37" fill="#555555">{_legend()}</text>',
            *boxes,
            "</svg>",
            "",
        ]
    )


def _legend() -> str:
    shown = ("program", "function", "inlined", "part", "host")
    words = {"part": "part of the model", "host": "host function"}
    return "  ".join(
        f'<tspan fill="{COLOURS[kind]}">&#9632;</tspan> {words.get(kind, kind)}' for kind in shown
    )


def _box(place: Place, x: float, width: float, row: int, worth: str) -> str:
    y = TOP + row * ROW
    calls = f", {place.calls:,} calls" if place.calls else ""
    tip = escape(f"{place.name} ({place.kind}): {place.total:,} ink, {worth}{calls}")
    room = int((width - 6) / CHARACTER)
    text = place.name if len(place.name) <= room else place.name[: max(room - 1, 0)] + "…"
    label = ""
    if room > 3:
        label = f'<text x="{x + 3:.2f}" y="{y + 13}" fill="#222222">{escape(text)}</text>'
    return (
        f'<g><title>{tip}</title><rect x="{x:.2f}" y="{y}" width="{width:.2f}" '
        f'height="{ROW - 1}" rx="1" fill="{COLOURS[place.kind]}"/>{label}</g>'
    )
