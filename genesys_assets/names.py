"""The names of an organisation's definitions, so that several organisations can be in one code location.

What belongs here: the prefix before the name of every definition, and the resource keys, which are the organisation's
own, so that its `io_manager` and a host project's do not replace one another. Which definitions there are belongs to
the assets and to automation.
"""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import dagster as dg

from genesys_assets.organisation import Organisation
from genesys_assets.setting import GROUPS

RESOURCES = ("genesys", "io_manager", "warehouse", "figures", "exports", "privacy", "work")
"""The parameters of assets, checks, ops and sensors that are resources of the organisation."""


@dataclass(frozen=True)
class Names:
    """How the definitions of an organisation are named.

    Attributes:
        prefix: The prefix of every name; None: none.
        of_resources: The prefix of a resource's name in its key.
    """

    prefix: str | None = None
    of_resources: str = ""

    @classmethod
    def of(cls, key: dg.AssetKey) -> "Names":
        """Return the names of the organisation that an asset belongs to."""
        return cls(None if key.path[0] in GROUPS else key.path[0])

    def key(self, key: dg.AssetKey | Sequence[str]) -> dg.AssetKey:
        """Return the organisation's key of an asset, from the key without a prefix."""
        path = key.path if isinstance(key, dg.AssetKey) else key
        return dg.AssetKey([self.prefix, *path] if self.prefix else [*path])

    def check(self, key: dg.AssetCheckKey) -> dg.AssetCheckKey:
        """Return the organisation's key of a check, from the key without a prefix."""
        return dg.AssetCheckKey(self.key(key.asset_key), key.name)

    def name(self, name: str) -> str:
        """Return the organisation's name of a job, schedule, sensor, op, group or pool."""
        return f"{self.prefix}_{name}" if self.prefix else name

    def resource(self, name: str) -> str:
        """Return the key of one of the organisation's resources."""
        return f"{self.of_resources}{name}" if name in RESOURCES else name

    def ins(self, ins: Mapping[str, dg.AssetIn]) -> dict[str, dg.AssetIn]:
        """Return inputs with the organisation's keys, from those without a prefix."""
        return {
            name: dg.AssetIn(self.key(cast("dg.AssetKey", each.key)), metadata=each.metadata)
            for name, each in ins.items()
        }

    def options(self, options: Mapping[str, Any]) -> dict[str, Any]:
        """Return the arguments of a decorator of Dagster's, with the organisation's names in `ins` and `pool`."""
        named = dict(options)
        if "ins" in named:
            named["ins"] = self.ins(named["ins"])
        if "pool" in named:
            named["pool"] = self.name(named["pool"])
        return named

    def own(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function with its resources' parameters renamed to the organisation's keys."""
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
"""Without prefixes: for assets that are tested by themselves."""


def names_of(organisation: Organisation) -> Names:
    """Return how the definitions of an organisation are named."""
    plain = Names(organisation.key_prefix)
    return Names(organisation.key_prefix, of_resources=plain.name("genesys_assets_"))
