"""What a program will cost on the chain, before anything is compiled.

Takes a ``Program`` and a chain profile; gives a ``Price``. Ink comes from the plan, bytes from the
generated code; factors are fitted to built contracts by ``python -m bench.cost --fit``.
"""

from stylus_ai.cost.fitted import Fitted
from stylus_ai.cost.price import Price, price, price_plan

__all__ = ["Fitted", "Price", "price", "price_plan"]
