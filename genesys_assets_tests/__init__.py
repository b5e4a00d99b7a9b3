"""Tests of genesys_assets; the folders mirror the package."""
