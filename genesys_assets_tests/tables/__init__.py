"""Tests of the tables and of the decoding into them."""
