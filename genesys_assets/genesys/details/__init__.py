"""All records of a source on a day, by details query or details job: slices, pages, and whether they came whole.

Stands on `genesys.api`. Outsiders import what they need from `genesys_assets.genesys`.
"""
