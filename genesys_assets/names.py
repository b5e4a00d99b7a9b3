"""What the definitions of an organisation are called, so that those of several stand in one code location.

What belongs here: the prefix before every name that Dagster holds things by, and the resource keys, which are the
organisation's own, so that nobody's `io_manager` stands in for ours or ours for theirs. Which definitions there are
belongs to the assets and to automation.
"""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import dagster as dg

from genesys_assets.organisation import Organisation
from genesys_assets.setting import ROOMS

RESOURCES = ("genesys", "io_manager", "warehouse", "figures", "exports", "privacy", "work")
"""The parameters of assets, checks, ops and sensors that are resources of the organisation."""


@dataclass(frozen=True)
class Names:
    """How the definitions of an organisation are called.

    Attributes:
        prefix: What stands before every name; None: nothing.
        of_resources: What stands before a resource's name in its key.
    """

    prefix: str | None = None
    of_resources: str = ""

    @classmethod
    def of(cls, key: dg.AssetKey) -> "Names":
        """Return the names of the organisation that an asset belongs to."""
        return cls(None if key.path[0] in ROOMS else key.path[0])

    def key(self, key: dg.AssetKey | Sequence[str]) -> dg.AssetKey:
        """Return the organisation's key of an asset, given as it is without a prefix."""
        path = key.path if isinstance(key, dg.AssetKey) else key
        return dg.AssetKey([self.prefix, *path] if self.prefix else [*path])

    def check(self, key: dg.AssetCheckKey) -> dg.AssetCheckKey:
        """Return the organisation's key of a check, given as it is without a prefix."""
        return dg.AssetCheckKey(self.key(key.asset_key), key.name)

    def name(self, name: str) -> str:
        """Return the organisation's name of a job, schedule, sensor, op, group or pool."""
        return f"{self.prefix}_{name}" if self.prefix else name

    def resource(self, name: str) -> str:
        """Return the key of one of the organisation's resources."""
        return f"{self.of_resources}{name}" if name in RESOURCES else name

    def ins(self, ins: Mapping[str, dg.AssetIn]) -> dict[str, dg.AssetIn]:
        """Return inputs, given by their keys without a prefix, by the organisation's."""
        return {
            name: dg.AssetIn(self.key(cast("dg.AssetKey", each.key)), metadata=each.metadata)
            for name, each in ins.items()
        }

    def options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return options of a decorator of Dagster's, those that name something by the organisation's names."""
        named = dict(options)
        if "ins" in named:
            named["ins"] = self.ins(named["ins"])
        if "pool" in named:
            named["pool"] = self.name(named["pool"])
        return named

    def own(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that takes its resources by the organisation's keys, for a decorator of Dagster's."""
        signature = inspect.signature(work)
        renamed = {name: self.resource(name) for name in signature.parameters}
        if all(name == key for name, key in renamed.items()):
            return work
        originals = {key: name for name, key in renamed.items()}

        @functools.wraps(work)
        def calling(*args: Any, **kwargs: Any) -> Any:
            return work(*args, **{originals.get(key, key): value for key, value in kwargs.items()})

        @functools.wraps(work)
        def generating(*args: Any, **kwargs: Any) -> Iterator[Any]:
            yield from calling(*args, **kwargs)

        owned: Any = generating if inspect.isgeneratorfunction(work) else calling
        owned.__signature__ = signature.replace(
            parameters=[each.replace(name=renamed[name]) for name, each in signature.parameters.items()]
        )
        owned.__annotations__ = {renamed.get(name, name): each for name, each in work.__annotations__.items()}
        return cast("Callable[..., Any]", owned)


PLAIN = Names()
"""Without a prefix, and with resources by their parameters' names: for assets that are tried by themselves."""


def names_of(organisation: Organisation) -> Names:
    """Return what the definitions of an organisation are called."""
    plain = Names(organisation.key_prefix)
    return Names(organisation.key_prefix, of_resources=plain.name("genesys_assets_"))
