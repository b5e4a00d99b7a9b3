"""The tables of the records as received: of every source the same, under the names of its own fields."""

import dataframely as dy

from genesys_assets.tables.columns import column_name


def documents_table(name: str, *, key: str, start: str, end: str) -> type[dy.Schema]:
    """Return the table of a source's documents.

    Args:
        name: What one record is called: 'conversation'.
        key: The field of a record with its id.
        start: The field with its start.
        end: The field with its end.
    """
    columns: dict[str, dy.Column] = {
        "partition_date": dy.Date(
            primary_key=True, description=f"Business day, by the organisation's clocks, on which the {name} was active."
        ),
        column_name(key): dy.String(primary_key=True, description=f"Id of the {name}."),
        column_name(start): dy.Datetime(time_unit="us", time_zone="UTC", description=f"Start of the {name}, UTC."),
        column_name(end): dy.Datetime(
            nullable=True,
            time_unit="us",
            time_zone="UTC",
            description="Its end, UTC; null when still open at the fetch.",
        ),
        "document": dy.String(description=f"The {name}'s JSON as received, less what the privacy setting keeps out."),
        "fetched_at": dy.Datetime(time_unit="us", time_zone="UTC", description="When the document was received, UTC."),
        "source": dy.String(description="How it was read: 'job' (details job) or 'query' (details query)."),
    }
    told = f"One row per {name} that was active on the day, as Genesys Cloud told it when the day was fetched."
    return type(f"Raw {name}", (dy.Schema,), {"__doc__": told, "__module__": __name__, **columns})
