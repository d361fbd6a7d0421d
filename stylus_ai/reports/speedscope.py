"""A profile in the file format of https://www.speedscope.app (version 0.1.5 of its schema)."""

from __future__ import annotations

from typing import Any

from stylus_ai.reports.profile import Place, Profile

SCHEMA = "https://www.speedscope.app/file-format-schema.json"


def speedscope(profile: Profile, name: str) -> dict[str, Any]:
    """A sampled profile whose samples are the places and whose weights are their own ink.

    Args:
        profile: What to show.
        name: Title.
    """
    frames: dict[tuple[str, str], int] = {}

    def frame(place: Place) -> int:
        return frames.setdefault((place.name, place.kind), len(frames))

    samples, weights = [], []
    for path, place in profile.running().walk():
        stack = [frame(above) for above in (*path, place)]
        if place.ink:
            samples.append(stack)
            weights.append(place.ink)
    return {
        "$schema": SCHEMA,
        "name": name,
        "exporter": "stylus-ai",
        "shared": {"frames": [{"name": text, "file": kind} for text, kind in frames]},
        "profiles": [
            {
                "type": "sampled",
                "name": f"ink, {profile.ink_price:,} of which are a gas",
                "unit": "none",
                "startValue": 0,
                "endValue": sum(weights),
                "samples": samples,
                "weights": weights,
            }
        ],
    }
