"""What is stored: one dataframely schema per table, and the decoding of conversation documents into staging's tables.

Pure polars: no Dagster, no DuckDB, no HTTP. All tables of the database, by name, are `genesys_assets.data_model`.
"""
