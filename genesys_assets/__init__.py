"""Every conversation of a Genesys Cloud contact centre in DuckDB, one complete UTC day per partition, run by Dagster.

Start at `genesys_assets.definitions`: it assembles everything that Dagster loads. The rooms are described in
docs/architecture.md; each module opens with what belongs in it.
"""

import os

# Polars' allocator keeps what it has freed unless it is told otherwise before polars is imported: a step's memory would
# stand on top of that of the steps before (a day of 300,000 conversations: 920 MB with 500 ms, 830 MB with 100 ms).
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:100,muzzy_decay_ms:0")
