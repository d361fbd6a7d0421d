"""Tests of the starter kits as a user gets them."""
