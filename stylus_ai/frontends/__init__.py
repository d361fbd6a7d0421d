"""Trained models of other libraries as ``FloatModel``: one file for each library.

Takes a fitted model and its ``Features``; gives a frozen ``FloatModel`` or a ``ModelError`` that
names what is not supported and the nearest thing that is.
"""

from stylus_ai.frontends.model import FloatLinear, FloatModel, FloatTree, FloatTrees
from stylus_ai.frontends.sklearn import from_sklearn

__all__ = ["FloatLinear", "FloatModel", "FloatTree", "FloatTrees", "from_sklearn"]
