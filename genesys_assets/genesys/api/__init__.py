"""Requests to any endpoint of Genesys Cloud: session, token, rate limit, retries, errors, listings, aggregates.

Knows neither records nor days. Other packages import what they need from `genesys_assets.genesys`.
"""
