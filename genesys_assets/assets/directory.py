"""directory/*: names and settings of what conversations only know by id, as they are now.

What belongs here: which listing fills which table. How a listing is paged is `genesys_assets.genesys`; how an entity
becomes a row, and what happens to one that is listed no more, is `genesys_assets.tables`.
"""

import dagster as dg

DIRECTORY: list[dg.AssetsDefinition] = []
