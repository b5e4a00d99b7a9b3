"""Every conversation of a Genesys Cloud contact centre in DuckDB, one complete UTC day per partition, run by Dagster.

Start at `genesys_assets.assembly`: it puts together everything that Dagster loads. The rooms are described in
docs/architecture.md; each module opens with what belongs in it. Importing the package, or any module of it but
`definitions`, reads no environment and changes nothing of the process.
"""
