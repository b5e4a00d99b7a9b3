"""Every conversation of a Genesys Cloud contact centre in DuckDB, one complete day per partition, run by Dagster.

Start at `genesys_assets.assembly`, which assembles everything that Dagster loads. The packages are described in
docs/architecture.md; each module begins with what belongs in it. Importing the package, or any module of it but
`definitions`, reads no environment and changes nothing of the process. `GenesysCloud`, the component by which other
Dagster projects have it, is imported when it is asked for, since most of the package stands below it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genesys_assets.component import GenesysCloud

__all__ = ["GenesysCloud"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from genesys_assets.component import GenesysCloud  # noqa: PLC0415 - see above

    return GenesysCloud


def __dir__() -> list[str]:
    return [*globals(), *__all__]
