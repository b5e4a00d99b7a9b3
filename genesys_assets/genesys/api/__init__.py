"""Any endpoint of Genesys Cloud: session, token, pace, retries, answers and their errors, listings, aggregates.

Knows of no record and no day. Outsiders import what they need from `genesys_assets.genesys`.
"""
