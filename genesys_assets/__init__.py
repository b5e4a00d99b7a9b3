"""Every conversation of a Genesys Cloud contact centre in DuckDB, one complete day per partition, run by Dagster.

Start at `genesys_assets.assembly`, which assembles everything that Dagster loads. The packages are described in
docs/architecture.md; each module begins with what belongs in it. Importing the package, or any module of it but
`definitions`, reads no environment and changes nothing of the process.
"""
