"""All records of a source on a day, by details query or details job: slices, pages, and whether all came.

Stands on `genesys.api`. Outsiders import what they need from `genesys_assets.genesys`.
"""
