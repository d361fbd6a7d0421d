"""Rivals: the same models in Solidity, in plain Stylus Rust and by m2cgen, on the same chain."""
