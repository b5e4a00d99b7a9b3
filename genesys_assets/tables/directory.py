"""What conversations know by id only: queues, users, wrap-up codes, divisions, flows, skills, languages.

Belongs here: the declaration of each listing with its table's columns, how an entity of a listing becomes a row, and
what becomes of a row whose entity is listed no more. How a listing is read is `genesys_assets.genesys`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import dataframely as dy
import polars as pl

from genesys_assets.tables.errors import UnreadableListingError
from genesys_assets.tables.instants import instants

_PYTHON: dict[pl.DataType, type | tuple[type, ...]] = {
    pl.String(): str,
    pl.Boolean(): bool,
    pl.Int64(): int,
    pl.Float64(): (int, float),
    pl.Datetime("us", "UTC"): str,
}


def _at(path: str) -> dict[str, Any]:
    """Return the path of a column's value in an entity: fields with dots between."""
    return {"path": path}


def _text(path: str, description: str) -> dy.String:
    return dy.String(nullable=True, description=description, metadata=_at(path))


def _flag(path: str, description: str) -> dy.Bool:
    return dy.Bool(nullable=True, description=description, metadata=_at(path))


def _instant(path: str, description: str) -> dy.Datetime:
    return dy.Datetime(nullable=True, time_unit="us", time_zone="UTC", description=description, metadata=_at(path))


def _percentage(media: str) -> dy.Float64:
    return dy.Float64(
        nullable=True,
        description="Service-level target: share to answer in time, 0 to 1.",
        metadata=_at(f"mediaSettings.{media}.serviceLevel.percentage"),
    )


def _duration(media: str) -> dy.Int64:
    return dy.Int64(
        nullable=True,
        description="Service-level target: time within which to answer, milliseconds.",
        metadata=_at(f"mediaSettings.{media}.serviceLevel.durationMs"),
    )


class Listed(dy.Schema):
    """One row per entity that was ever listed, as it was last."""

    id = dy.String(primary_key=True, description="Id, as conversations have it.", metadata=_at("id"))
    name = _text("name", "Name, as it is now.")
    deleted = dy.Bool(description="Whether it is marked as deleted, or is listed no more.")


class _InDivision(Listed):
    division_id = _text("division.id", "Division; see directory.divisions.")


class Queues(_InDivision):
    """One row per queue, with its service-level targets."""

    description = _text("description", "Description.")
    date_created = _instant("dateCreated", "When it was created, UTC.")
    date_modified = _instant("dateModified", "When it was last changed, UTC.")
    member_count = dy.Int64(nullable=True, description="Members.", metadata=_at("memberCount"))
    voice_service_level_percentage = _percentage("call")
    voice_service_level_duration_ms = _duration("call")
    callback_service_level_percentage = _percentage("callback")
    callback_service_level_duration_ms = _duration("callback")
    chat_service_level_percentage = _percentage("chat")
    chat_service_level_duration_ms = _duration("chat")
    email_service_level_percentage = _percentage("email")
    email_service_level_duration_ms = _duration("email")
    message_service_level_percentage = _percentage("message")
    message_service_level_duration_ms = _duration("message")


class Users(_InDivision):
    """One row per user."""

    email = _text("email", "E-mail address.")
    department = _text("department", "Department.")
    title = _text("title", "Job title.")
    manager_id = _text("manager.id", "The user's manager.")
    state = _text("state", "active, inactive or deleted.")


class WrapupCodes(_InDivision):
    """One row per wrap-up code."""

    description = _text("description", "Description.")
    date_created = _instant("dateCreated", "When it was created, UTC.")
    date_modified = _instant("dateModified", "When it was last changed, UTC.")


class Divisions(Listed):
    """One row per division."""

    description = _text("description", "Description.")
    home_division = _flag("homeDivision", "Whether it is the organisation's home division.")


class Flows(_InDivision):
    """One row per flow of Architect."""

    description = _text("description", "Description.")
    type = _text("type", "Kind of the flow, such as INBOUNDCALL.")
    active = _flag("active", "Whether it is active.")
    system = _flag("system", "Whether it is the system's own.")
    published_version = _text("publishedVersion.id", "Version that is published.")


class Skills(_InDivision):
    """One row per routing skill."""

    state = _text("state", "active, inactive or deleted.")
    date_modified = _instant("dateModified", "When it was last changed, UTC.")


class Languages(Listed):
    """One row per routing language."""

    state = _text("state", "active, inactive or deleted.")
    date_modified = _instant("dateModified", "When it was last changed, UTC.")


@dataclass(frozen=True)
class Listing:
    """A listing of Genesys Cloud's entities, and the table that it fills.

    Attributes:
        path: The path that is asked.
        permission: What the OAuth client needs in order to ask it.
        schema: The table's columns, each with its place in an entity.
        params: The request's parameters, but those of paging.
        names: Staging table and column that hold ids of these entities: what docs/data-model.md draws.
    """

    path: str
    permission: str
    schema: type[Listed]
    params: Mapping[str, str] = field(default_factory=dict)
    names: tuple[str, str] | None = None


LISTINGS: Mapping[str, Listing] = {
    "directory.queues": Listing(
        "/api/v2/routing/queues", "routing:queue:view", Queues, names=("staging.segments", "queue_id")
    ),
    "directory.users": Listing(
        "/api/v2/users", "directory:user:view", Users, {"state": "any"}, ("staging.participants", "user_id")
    ),
    "directory.wrapup_codes": Listing(
        "/api/v2/routing/wrapupcodes",
        "routing:wrapupCode:view",
        WrapupCodes,
        names=("staging.segments", "wrap_up_code"),
    ),
    "directory.divisions": Listing(
        "/api/v2/authorization/divisions",
        "authorization:division:view",
        Divisions,
        names=("staging.conversations", "division_ids"),
    ),
    "directory.flows": Listing(
        "/api/v2/flows", "architect:flow:view", Flows, {"deleted": "true"}, ("staging.flows", "flow_id")
    ),
    "directory.skills": Listing(
        "/api/v2/routing/skills",
        "routing:skill:view",
        Skills,
        names=("staging.segments", "requested_routing_skill_ids"),
    ),
    "directory.languages": Listing(
        "/api/v2/routing/languages",
        "routing:language:view",
        Languages,
        names=("staging.segments", "requested_language_id"),
    ),
}
"""The listing that fills each of the directory's tables. Another listing is another entry here."""

DIRECTORY: Mapping[str, type[Listed]] = {table: listing.schema for table, listing in LISTINGS.items()}
"""The directory's tables by name."""


def listed(table: str, entities: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    """Return the rows of a directory table for the entities of its listing, ordered by id.

    Args:
        table: Name of the table: 'directory.queues'.
        entities: What the API listed. Of an id that stands twice the last one counts: pages shift under the reader.

    Raises:
        UnreadableListingError: An entity has no id.
    """
    schema = DIRECTORY[table]
    rows = {entity.get("id"): _row(schema, entity) for entity in entities}
    if not all(isinstance(entity, str) and entity for entity in rows):
        message = f"An entity listed for {table} has no id: the answer is no listing of entities."
        raise UnreadableListingError(message)
    wire = {
        name: pl.String() if isinstance(column.dtype, pl.Datetime) else column.dtype
        for name, column in schema.columns().items()
    }
    frame = pl.DataFrame(list(rows.values()), schema=wire, orient="row")
    timestamps = [name for name, column in schema.columns().items() if isinstance(column.dtype, pl.Datetime)]
    return frame.with_columns(instants(frame[name]) for name in timestamps).sort("id")


def merged(table: str, current: pl.DataFrame, stored: pl.DataFrame | None) -> pl.DataFrame:
    """Return the current listing and, marked as deleted, the stored entities that it lacks; ordered by id.

    Args:
        table: Name of the table.
        current: Rows of the current listing, from `listed`.
        stored: What the table held before; None or without rows when nothing. It may lack columns of today.
    """
    if stored is None:
        return current
    gone = stored.join(current, on="id", how="anti").with_columns(deleted=True)
    known = gone.select(column for column in current.columns if column in gone.columns)
    typed = DIRECTORY[table].create_empty()
    return pl.concat([typed, current, known], how="diagonal").sort("id")


def _row(schema: type[Listed], entity: Mapping[str, Any]) -> dict[str, Any]:
    row = {name: _value(column, entity) for name, column in schema.columns().items() if name != "deleted"}
    return {**row, "deleted": entity.get("deleted") is True or entity.get("state") == "deleted"}


def _value(column: dy.Column, entity: Mapping[str, Any]) -> Any:
    """Return the column's value in the entity; None where there is none, or one of another type."""
    value: Any = entity
    for name in (column.metadata or {})["path"].split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    fits = isinstance(value, _PYTHON[column.dtype]) and (isinstance(value, bool) == (column.dtype == pl.Boolean()))
    return value if fits else None
