"""Measurements as something to look at: a model card; a profile's tables, flame graph and file.

Takes what training, build and node measured; knows nothing of terminals.
"""

from stylus_ai.reports.card import model_card
from stylus_ai.reports.flame import flame_graph
from stylus_ai.reports.profile import Line, Place, Profile, read_profile
from stylus_ai.reports.speedscope import speedscope

__all__ = ["Line", "Place", "Profile", "flame_graph", "model_card", "read_profile", "speedscope"]
