"""What the tables declare of each field, against the official SDK's models: somebody has decided what it may hold."""

import ast
import inspect
import re
from typing import Any

import PureCloudPlatformClientV2 as sdk  # noqa: N813 - the package is named like a class
import pytest

from genesys_assets.privacy.fields import Record, record_of
from genesys_assets.privacy.kept_values import is_plain
from genesys_assets.tables.columns import mapped_value, personal_data, text, texts, wire_name
from genesys_assets.tables.staging.conversation_tree import CONVERSATION


def records_and_models() -> dict[str, tuple[Record, Any]]:
    """Every record with the SDK's model of it, by path."""
    found: dict[str, tuple[Record, Any]] = {}

    def visit(record: Record, model: Any) -> None:
        found[record.path] = (record, model)
        types = dict(zip(model.attribute_map.values(), model.swagger_types.values(), strict=True))
        for field, child in record.records.items():
            visit(child, getattr(sdk, re.sub(r"list\[(\w+)\]", r"\1", types[field]))())

    visit(record_of(CONVERSATION), sdk.AnalyticsConversation())
    return found


RECORDS = records_and_models()


@pytest.mark.parametrize("path", RECORDS)
def test_every_field_of_the_official_sdk_has_a_decision(path):
    record, model = RECORDS[path]
    assert set(model.attribute_map.values()) == record.known


def test_the_fields_of_numbers_are_those_of_the_official_sdk():
    for record, model in RECORDS.values():
        types = {name: model.swagger_types[attribute] for attribute, name in model.attribute_map.items()}
        assert {name for name in record.kept if re.search(r"int|float", types[name])} == record.numbers
        assert {name for name in record.names if "str" not in types[name]} == set()


def test_every_value_that_the_official_sdk_lists_for_a_kept_field_may_be_stored():
    listed = {}
    for record, model in RECORDS.values():
        for attribute, name in model.attribute_map.items():
            source = inspect.getsource(getattr(type(model), attribute).fset)
            found = re.search(r"allowed_values = (\[.*?\])", source, re.DOTALL)
            if found and name in record.kept:
                listed[record.path_of(name)] = [*ast.literal_eval(found[1]), "outdated_sdk_version"]
    assert len(listed) > 10
    assert {name: [value for value in values if not is_plain(value)] for name, values in listed.items()} == {
        name: [] for name in listed
    }


CERTAINLY_PERSONAL = {
    "participants": {"participantName", "attributes"},
    "participants.sessions": {
        *("ani", "dnis", "sessionDnis", "remote", "remoteNameDisplayable", "callbackNumbers", "callbackUserName"),
        *("addressFrom", "addressTo", "addressOther", "addressSelf", "cc", "bcc", "destinationAddresses"),
        *("journeyCustomerId", "outboundContactId", "protocolCallId"),
    },
    "participants.sessions.segments": {"subject", "wrapUpNote", "wrapUpTags"},
    "participants.sessions.flow": {"transferTargetAddress", "transferTargetName", "entryReason"},
    "": {"externalTag"},
}
"""Written down apart from the tables: what nobody may declare as an id, a code or a configured name by mistake."""


@pytest.mark.parametrize("path", CERTAINLY_PERSONAL)
def test_what_is_certainly_personal_is_never_kept(path):
    record, _ = RECORDS[path]
    personal = {*record.personal, *record.personal_unless_id, *record.by_name}
    assert CERTAINLY_PERSONAL[path] - personal == set()


@pytest.mark.parametrize("declare", [text, texts, mapped_value])
def test_a_text_cannot_be_declared_without_a_word_on_personal_data(declare):
    with pytest.raises(TypeError, match="personal"):
        declare("What the customer said.")


def test_what_the_tables_call_personal_is_what_is_scrubbed():
    told = {
        column.name if node.shape != "map" else node.field
        for node in CONVERSATION.walk()
        for column in node.schema.columns().values()
        if personal_data(column)
    }
    scrubbed = {
        name for record, _ in RECORDS.values() for name in record.personal | record.personal_unless_id | record.by_name
    }
    assert {wire_name(str(name)) for name in told} == scrubbed
