"""How fast and how large the project is beside others and the floor: `make bench`.

These processes are the project's own: as by its entry points, polars is told to give memory back before it is imported.
"""

from genesys_assets.process import give_memory_back

give_memory_back()
