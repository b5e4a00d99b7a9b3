"""How many rows DuckDB compresses and writes together, and which of them it joins again later.

Belongs here: the sizes, and what was measured of them. Who asks is `incoming`, who tells DuckDB is `database`.
"""

LARGEST = 122_880
"""What DuckDB takes when it is not told."""

SMALLEST = 2_048
"""The fewest that DuckDB takes. It divides a scan among its threads by the size that it is told, not by what stands
there: told nothing, it reads 100,000 documents with one thread, in 1.5 s instead of 0.8 s."""

_BYTES = 24 * 2**20


def rows_in_group(rows: int, row_bytes: float) -> int:
    """Return how many of `rows` rows of about `row_bytes` bytes should be compressed and written together.

    DuckDB takes 122,880, however large they are, and writes a smaller insertion to its log first and then once more at
    the end. Measured with documents of 5.6 kB: 100,000 of them took 7.3 s and 1.7 GB in groups of 122,880, and 2.6 s
    and 0.5 GB in groups of 2,048 to 8,192; 10,000 of them took 0.7 s and 0.5 s.
    """
    if rows < SMALLEST:
        return SMALLEST
    fitting = int(_BYTES / max(row_bytes, 1.0))
    return min(max(fitting - fitting % SMALLEST, SMALLEST), LARGEST)


def most_joins(row_group_rows: int) -> int:
    """Return how many joins of row groups a writer with groups of that size may schedule at a checkpoint.

    DuckDB joins the smaller groups of every table up to the writer's size: a writer of large groups would rewrite the
    documents that another has stored in small ones (6 s for 100,000, and ten days of 5,000 took 15 s instead of 8 s in
    a file a third larger). Without any, a year of days of 300 rows takes six times the room. So writers of small groups
    join, up to their own size.
    """
    return 100 if row_group_rows <= SMALLEST else 0
