"""The attributes of a component: an organisation's settings, as a `defs.yaml` has them.

What belongs here: their JSON schema, by which `dg check yaml` and editors judge a file before it is loaded, and the way
from attributes to an `Organisation`. Secrets are given by reference alone: a file is shown and committed.
"""

import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, ValidationError, WithJsonSchema, create_model

from genesys_assets.organisation import FIELDS, SECRETS, VARIABLES, Organisation
from genesys_assets.setting import SettingsError, instead, refused
from genesys_assets.variables import Variable

OF_THE_PROCESS = frozenset({"umask"})
"""Settings of a process as a whole, which is the host's."""
NAMES = tuple(name for name in FIELDS if name not in OF_THE_PROCESS)
SECRET = frozenset(name for name in NAMES if VARIABLES[name] in SECRETS)
BY_REFERENCE = SECRET | {"client_id"}
"""What is read from its variable when a run starts, and not when definitions load."""

_REFERENCE = re.compile(r"^\s*\{\{\s*env(?:\.(\w+)|\(\s*['\"](\w+)['\"]\s*\))\s*\}\}\s*$")
_TEMPLATE = {"type": "string", "pattern": r"\{\{.*\}\}"}
_NOTHING = {"type": "null"}
_UNUSABLE = "?"
"""A text that no setting with a rule accepts."""


def reference_to(variable: str) -> str:
    """Return how a defs.yaml refers to a variable of the environment."""
    return f"{{{{ env.{variable} }}}}"


def organisation_of(model: BaseModel, resolve: Callable[[Any], Any]) -> Organisation:
    """Return the organisation of a component's attributes.

    Args:
        model: The attributes; those that are not set, or set to nothing, have their defaults.
        resolve: Returns a value with its templates filled in.

    Raises:
        SettingsError: Attributes cannot be used; the text says which, why, and what to write instead.
    """
    given = model.model_dump(exclude_unset=True, exclude_none=True)
    read = {
        name: _variable_in(name, each) if name in BY_REFERENCE else _filled_in(name, each, resolve)
        for name, each in given.items()
    }
    try:
        return Organisation.model_validate(read)
    except ValidationError as error:
        raise SettingsError(" ".join(refused(each, SECRET) for each in error.errors())) from None


def _variable_in(name: str, text: object) -> object:
    """Return the variable that an attribute refers to.

    Raises:
        SettingsError: A secret is given as a value.
    """
    found = _REFERENCE.match(text) if isinstance(text, str) else None
    if found:
        return Variable(found[1] or found[2])
    if name in SECRET:
        raise SettingsError(
            f"{name}: its value cannot be used: a file is shown to others. Set a variable of the environment, and "
            f'write "{reference_to(VARIABLES[name])}" with its name.'
        )
    return text


def _filled_in(name: str, given: object, resolve: Callable[[Any], Any]) -> object:
    """Return an attribute with its templates filled in.

    Raises:
        SettingsError: Nothing came of them, as of a variable that is not set.
    """
    value = resolve(given)
    if value is None:
        raise SettingsError(
            f"{name}: nothing came of {given}: set that variable, or name a default as env('VARIABLE', 'default') does."
        )
    return value


@cache
def attributes() -> type[BaseModel]:
    """Return the model of the attributes, none of which is required; what they may be is judged by `Organisation`."""
    told = Organisation.model_json_schema(by_alias=False)["properties"]
    fields: dict[str, Any] = {
        name: (Annotated[Any, WithJsonSchema(_described(name, told[name]))], None) for name in NAMES
    }
    return create_model("GenesysCloudAttributes", __config__=ConfigDict(extra="forbid"), **fields)


def _described(name: str, told: Mapping[str, Any]) -> dict[str, Any]:
    shown = {"description": " ".join(told["description"].split()), "default": told["default"]}
    if name in SECRET:
        reference = {"type": "string", "pattern": _REFERENCE.pattern}
        return {**shown, "type": ["string", "null"], **_or_else([reference], reference_to(VARIABLES[name]))}
    own = [each for each in told.get("anyOf", [told]) if each != _NOTHING]
    types = sorted({str(each["type"]) for each in own} | {"string", "null"})
    why = _instead_of_unusable(name)
    return {**shown, "type": types, **(_or_else([*own, _TEMPLATE], why) if why else {})}


def _or_else(accepted: list[Mapping[str, Any]], why: str) -> dict[str, Any]:
    """Return the schema of what is accepted, whose error is a sentence: a validator tells the constant it expected."""
    rules = [{key: each[key] for key in each if key not in ("title", "description", "default")} for each in accepted]
    return {"if": {"anyOf": [*rules, _NOTHING]}, "else": {"const": why}}


def _instead_of_unusable(name: str) -> str | None:
    """Return what a setting's own rule says to write; None if it accepts any text."""
    try:
        Organisation.model_validate({name: _UNUSABLE})
    except ValidationError as error:
        return instead(error.errors()[0]).removeprefix("write ")
    return None
