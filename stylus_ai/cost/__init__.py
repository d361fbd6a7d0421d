"""What a program will cost on the chain, before anything is compiled.

Takes a ``Program`` and a chain profile; gives a ``Price``. Functions of trees are read back from
the generated Rust (``reader``) as values (``graph``), and lowered to the operators that LLVM makes
of them (``lower``); other code is written down about as long as it will be (``stream``). Brotli
over these bytes tells the size; the blocks that rows pass (``paths``), or the plan, tell the ink.
What is left, a few factors for each kind of model, ``python -m bench.cost --fit`` fits to built
contracts.
"""

from stylus_ai.cost.fitted import Band, Fitted
from stylus_ai.cost.price import Price, band_of, price, price_plan

__all__ = ["Band", "Fitted", "Price", "band_of", "price", "price_plan"]
