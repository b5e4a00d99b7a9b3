"""Every conversation of a Genesys Cloud contact centre in DuckDB, one complete UTC day per partition, run by Dagster.

Start at `genesys_assets.definitions`: it assembles everything that Dagster loads. The rooms are described in
docs/architecture.md; each module opens with what belongs in it.
"""

import os

# Polars' allocator keeps what it has freed unless it is told otherwise before polars is imported: a step's memory would
# stand on top of that of the steps before (a day of 100,000 conversations: 690 MB instead of 640 MB).
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:500,muzzy_decay_ms:0")
