"""The only reasons for which a test may be skipped; any other skip fails the run.

A test that needs a resource carries a marker; where the resource is missing, the test is skipped
with the reason given here, and ``make test`` lists it at the end.
"""

PERMITTED = {
    "slow": "takes long: runs in make test-all",
    "torch": "needs the torch extra: pip install 'stylus-ai[torch]'",
    "onnx": "needs the onnx extra: pip install 'stylus-ai[onnx]'",
    "xgboost": "needs the xgboost extra: pip install 'stylus-ai[xgboost]'",
    "lightgbm": "needs the lightgbm extra: pip install 'stylus-ai[lightgbm]'",
    "npm": "needs npm: install Node.js",
    "browser": "needs Chromium as /usr/bin/chromium: apt-get install chromium",
    "rust_src": "the distribution offers no rust-src of the installed rustc version",
}
"""Marker -> reason. What ``node``, ``wasm`` and ``registry`` need is set up by ``make test``."""
