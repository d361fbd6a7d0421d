"""The cost model: which kernel runs each part of a program, and its price in ink and bytes.

Takes a ``Program`` and the name of a chain profile; gives a frozen ``Plan``. Compiles nothing and
asks no chain.
"""

from stylus_ai.plan.plan import PART_NODES, PROFILES, Kernel, Plan, TreePlan, plan

__all__ = ["PART_NODES", "PROFILES", "Kernel", "Plan", "TreePlan", "plan"]
