"""The cost model: which kernel runs each part of a program, and its price in ink and bytes.

Takes a ``Program`` and the name of a chain profile; gives a frozen ``Plan``. Compiles nothing and
asks no chain.
"""

from stylus_ai.plan.forest import Branch, Forest, ForestPart, Split
from stylus_ai.plan.oblivious import Table, TablePart
from stylus_ai.plan.plan import PART_FEATURES, PART_NODES, PROFILES, Plan, plan
from stylus_ai.plan.words import Words

__all__ = [
    "PART_FEATURES",
    "PART_NODES",
    "PROFILES",
    "Branch",
    "Forest",
    "ForestPart",
    "Plan",
    "Split",
    "Table",
    "TablePart",
    "Words",
    "plan",
]
