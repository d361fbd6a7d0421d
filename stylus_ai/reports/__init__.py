"""Measurements as something to look at: a profile's tables, flame graph and speedscope file.

Takes what a node measured and the names that the build kept; knows nothing of terminals.
"""

from stylus_ai.reports.flame import flame_graph
from stylus_ai.reports.profile import Line, Place, Profile, read_profile
from stylus_ai.reports.speedscope import speedscope

__all__ = ["Line", "Place", "Profile", "flame_graph", "read_profile", "speedscope"]
