"""What the tests of raw/conversations ask of a run, and of the sandbox."""

from datetime import date, timedelta
from typing import Any

import dagster as dg

from genesys_assets.sandbox import Sandbox


def known_by_query(sandbox: Sandbox, day: date, since: date | None = None) -> dict[str, dict[str, Any]]:
    """What a query can know of the day: what began on it, or `since` (the day before), without attributes."""
    first = str(since or day - timedelta(days=1))
    known = {
        conversation_id: document
        for conversation_id, document in sandbox.conversations(day).items()
        if document["conversationStart"] >= first
    }
    for document in known.values():
        for participant in document["participants"]:
            participant.pop("attributes", None)
    return known


def why(result: dg.ExecuteInProcessResult) -> str:
    """What the failed step says first."""
    (failure,) = [event for event in result.all_events if event.is_step_failure]
    data = failure.step_failure_data
    return data.user_failure_data.description if data.user_failure_data else data.error.message


def facts_of(result: dg.ExecuteInProcessResult) -> dict[str, Any]:
    """How the day was read, by its materialisation."""
    assert result.success, why(result)
    (said,) = result.asset_materializations_for_node("raw__conversations")
    return {name: value.value for name, value in said.metadata.items()}
