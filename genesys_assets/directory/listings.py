"""What conversations know by id only: queues, users, wrap-up codes, divisions, flows, skills, languages.

Belongs here: all that is said of a listing of Genesys Cloud's, which is its entry in `LISTINGS` and the columns of the
table that it fills.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import dataframely as dy


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
        found_in: Staging table and column that hold ids of these entities: what docs/data-model.md draws.
        ids: Endings of the columns of marts that hold ids of these entities, beside which their names are put.
    """

    path: str
    permission: str
    schema: type[Listed]
    params: Mapping[str, str] = field(default_factory=dict)
    found_in: tuple[str, str] | None = None
    ids: tuple[str, ...] = ()


LISTINGS: Mapping[str, Listing] = {
    "directory.queues": Listing(
        "/api/v2/routing/queues",
        "routing:queue:view",
        Queues,
        found_in=("staging.segments", "queue_id"),
        ids=("queue_id",),
    ),
    "directory.users": Listing(
        "/api/v2/users",
        "directory:user:view",
        Users,
        params={"state": "any"},
        found_in=("staging.participants", "user_id"),
        ids=("user_id", "user_ids"),
    ),
    "directory.wrapup_codes": Listing(
        "/api/v2/routing/wrapupcodes",
        "routing:wrapupCode:view",
        WrapupCodes,
        found_in=("staging.segments", "wrap_up_code"),
        ids=("wrap_up_code",),
    ),
    "directory.divisions": Listing(
        "/api/v2/authorization/divisions",
        "authorization:division:view",
        Divisions,
        found_in=("staging.conversations", "division_ids"),
        ids=("division_ids",),
    ),
    "directory.flows": Listing(
        "/api/v2/flows",
        "architect:flow:view",
        Flows,
        params={"deleted": "true"},
        found_in=("staging.flows", "flow_id"),
        ids=(),  # a flow's name in marts is the one that it had when it was executed, from the record
    ),
    "directory.skills": Listing(
        "/api/v2/routing/skills",
        "routing:skill:view",
        Skills,
        found_in=("staging.segments", "requested_routing_skill_ids"),
    ),
    "directory.languages": Listing(
        "/api/v2/routing/languages",
        "routing:language:view",
        Languages,
        found_in=("staging.segments", "requested_language_id"),
    ),
}
"""The listing that fills each of the directory's tables. Another listing is another entry here, and its schema."""
