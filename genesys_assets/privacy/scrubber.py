"""`Scrubber`: takes out of a conversation's document what the organisation does not want stored.

Belongs here: walking a document by the records of `fields`. The document is rebuilt from the fields that are known,
never copied and cleaned, so that what nobody thought of stays out.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from genesys_assets.errors import ProjectError
from genesys_assets.privacy import kept_values
from genesys_assets.privacy.fields import Record, record_of
from genesys_assets.privacy.pseudonyms import Pseudonyms, weakness
from genesys_assets.readable import value_of
from genesys_assets.secrecy import remember
from genesys_assets.tables.schema_tree import SchemaNode
from genesys_assets.variables import variable_of

MODES = ("keep", "hash", "drop")

_SCALARS = frozenset({str, int, float, bool, type(None)})
_ID = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}", re.IGNORECASE)
UNKNOWN = "(unknown fields)"
"""Counts unknown fields, whose names may be personal."""
_REMOVED: Any = object()
"""Stands for a value that is not stored."""

Rule = Callable[[Any], Any]
_decode = msgspec.json.decode
_encode = msgspec.json.encode


class PrivacyError(ProjectError):
    """A setting that cannot be used, or a document that cannot be scrubbed. Its text repeats neither."""


class Scrubber:
    """Scrubs documents before they are stored. It is safe to share between threads.

    Args:
        tree: The tables of the documents' source, whose columns say what a field may hold.
        mode: `keep`: they stay as they are, to the byte. `hash`: personal values become pseudonyms. `drop`: they are
            left out. Under `hash` and `drop`, unknown fields are left out too, and what a kept field holds that such a
            field cannot is treated as personal.
        key: The key of the pseudonyms; needed by `hash` and by nothing else.
        keep_attributes: Names of participant attributes and segment properties whose values are stored as they are.

    Raises:
        PrivacyError: There is no such mode, or `hash` has no key or one that can be guessed.
    """

    def __init__(
        self, tree: SchemaNode, mode: str = "keep", key: str | None = None, keep_attributes: Iterable[str] = ()
    ) -> None:
        self._pseudonyms = _pseudonyms(mode, key)
        self.mode = mode
        self._allowed = frozenset(keep_attributes)
        self.fingerprint = fingerprint(mode, key, self._allowed)
        self._lock = threading.Lock()
        self._unknown: Counter[str] = Counter()
        self._rules = self._compiled(record_of(tree))

    def __repr__(self) -> str:
        return f"Scrubber({self.mode!r})"

    @property
    def is_identity(self) -> bool:
        """Return whether documents stay as they are."""
        return self.mode == "keep"

    @property
    def unknown_fields(self) -> dict[str, int]:
        """Return by path how often a field was left out as unknown or malformed, or held a value that it may not keep.

        Names of unknown fields are not in it, because a name may be a value, as in a map whose keys are numbers.
        """
        with self._lock:
            return dict(self._unknown)

    def scrub(self, document: bytes) -> bytes:
        """Return the document as it may be stored; one core scrubs 7,000 documents of 5.8 kB a second.

        Raises:
            PrivacyError: The document is not a JSON object.
        """
        if self.is_identity:
            return document
        try:
            received = _decode(document)
        except (ValueError, RecursionError):  # some errors quote the document, which must not be shown
            received = _decode_damaged(document)
        if not isinstance(received, dict):
            raise PrivacyError("A document is not a JSON object, so it cannot be scrubbed.") from None
        return _encode(_scrubbed(self._rules, received))

    def _compiled(self, record: Record) -> _Rules:
        """Return the rules of a record's fields; any other field is left out."""
        rules = _Rules(record, self._left_out)
        rules.update(
            {name: self._kept(record.path_of(name), kept_values.may_hold(record, name)) for name in record.kept}
        )
        for kind, names in (
            (self._personal, record.personal),
            (self._personal_unless_id, record.personal_unless_id),
            (self._attributes, record.by_name if record.name_field is None else ()),
        ):
            rules.update({name: kind(record.path_of(name)) for name in names})
        rules.update({name: self._records(child) for name, child in record.records.items()})
        return rules

    def _left_out(self, path: str) -> Any:
        with self._lock:
            self._unknown[path] += 1
        return _REMOVED

    def _kept(self, path: str, is_allowed: kept_values.Test) -> Rule:
        """Return the rule of a field that is kept as it is as long as it holds what such a field may hold."""
        personal = self._personal(path)

        def element(value: Any) -> Any:
            if type(value) in _SCALARS and is_allowed(value):
                return value
            self._left_out(path)
            return personal(value) if type(value) in _SCALARS else _REMOVED

        return lambda value: _without_removed(map(element, value)) if type(value) is list else element(value)

    def _plain(self, path: str) -> Rule:
        def rule(value: Any) -> Any:
            if type(value) in _SCALARS or (type(value) is list and all(type(each) in _SCALARS for each in value)):
                return value
            return self._left_out(path)

        return rule

    def _personal(self, path: str) -> Rule:
        pseudonyms = self._pseudonyms
        if pseudonyms is None:
            return lambda _: _REMOVED

        def rule(value: Any) -> Any:
            if type(value) is str:
                return pseudonyms.of(value) if value else value
            if type(value) is list:
                return _without_removed(self._left_out(path) if type(each) is list else rule(each) for each in value)
            if value is None:
                return None
            return pseudonyms.of(str(value)) if type(value) in _SCALARS else self._left_out(path)

        return rule

    def _personal_unless_id(self, path: str) -> Rule:
        personal = self._personal(path)
        return lambda value: value if type(value) is str and _ID.fullmatch(value) else personal(value)

    def _attributes(self, path: str) -> Rule:
        plain, personal = self._plain(path), self._personal(path)

        def rule(value: Any) -> Any:
            if type(value) is not dict:
                return self._left_out(path)
            received = {name: attribute(name, each) for name, each in value.items()}
            return {name: each for name, each in received.items() if each is not _REMOVED}

        def attribute(name: str, each: Any) -> Any:
            if name in self._allowed:
                return plain(each)
            return personal(each) if kept_values.is_name(name) else self._left_out(path)

        return rule

    def _records(self, record: Record) -> Rule:
        scrub = self._record(record)

        def rule(value: Any) -> Any:
            if type(value) is dict:
                return scrub(value)
            if type(value) is list:
                return _without_removed(map(element, value))
            return None if value is None else self._left_out(record.path)

        def element(value: Any) -> Any:
            return scrub(value) if type(value) is dict else self._left_out(record.path)

        return rule

    def _record(self, record: Record) -> Rule:
        rules = self._compiled(record)
        named_by = record.name_field
        if named_by is None:
            return lambda received: _scrubbed(rules, received)
        allowed, other = self._compiled(record), rules
        allowed.update({name: self._plain(record.path_of(name)) for name in record.by_name})
        other.update({name: self._personal(record.path_of(name)) for name in record.by_name})

        def by_name(received: dict[str, Any]) -> Any:
            name = received.get(named_by)
            return _scrubbed(allowed if type(name) is str and name in self._allowed else other, received)

        return by_name


class _Rules(dict[str, Rule]):
    """Rules by field; a field without a rule is left out. Values of `kept` that pass `holds` need no rule."""

    def __init__(self, record: Record, left_out: Rule) -> None:
        super().__init__()
        self.kept = record.kept - record.names - record.keys
        self.holds = kept_values.plain_in(record.numbers)
        self._left_out = left_out
        self._unknown = record.path_of(UNKNOWN)

    def __missing__(self, name: str) -> Rule:
        return lambda _: self._left_out(self._unknown)


def _scrubbed(rules: _Rules, received: dict[str, Any]) -> dict[str, Any]:
    kept, holds = rules.kept, rules.holds
    if kept.issuperset(received) and all(map(holds, received, received.values())):
        return received  # nine objects of ten: metrics, and most segments
    scrubbed = {}
    for name, value in received.items():
        stored = value if name in kept and holds(name, value) else rules[name](value)
        if stored is not _REMOVED:
            scrubbed[name] = stored
    return scrubbed


def _decode_damaged(document: bytes) -> Any:
    try:
        return value_of(document)
    except ValueError:
        return None


def _without_removed(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if value is not _REMOVED]


def fingerprint(mode: str, key: str | None, keep_attributes: Iterable[str] = ()) -> str:
    """Return what is equal for scrubbers that store the same of a source: the mode, a digest of key and allow-list.

    Raises:
        PrivacyError: As for `Scrubber`.
    """
    pseudonyms = _pseudonyms(mode, key)
    if mode == "keep":
        return mode
    of_key = pseudonyms.of("mark") if pseudonyms else ""
    digest = hashlib.sha256(msgspec.json.encode([mode, of_key, sorted(keep_attributes)]))
    return f"{mode}-{digest.hexdigest()[:8]}"


def _pseudonyms(mode: str, key: str | None) -> Pseudonyms | None:
    if mode not in MODES:
        raise PrivacyError(f"{variable_of('privacy')} is {mode!r}: write one of {', '.join(MODES)}.")
    remember(*filter(None, [key]))
    return Pseudonyms(_checked(key)) if mode == "hash" else None


def _checked(key: str | None) -> str:
    if not key:
        raise PrivacyError(
            f"{variable_of('privacy')} is hash and {variable_of('privacy_key')} is not set: set a secret of your own, "
            "such as `openssl rand -hex 32` prints, and keep it."
        )
    if reason := weakness(key):
        raise PrivacyError(
            f"{variable_of('privacy_key')} {reason}, and numbers hashed with it could be found by trying: set one that "
            "nobody can guess, such as `openssl rand -hex 32` prints."
        )
    return key
