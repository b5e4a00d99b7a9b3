"""The organisation as a component of Dagster, for projects that describe their definitions in YAML.

What belongs here: the component. What its attributes are is `attributes`, the file that scaffolding writes is
`scaffolder`; what may be set is `organisation`, and what is made of it `assembly`.
"""

from collections.abc import Sequence
from typing import ClassVar, Self

import dagster as dg
from pydantic import BaseModel

from genesys_assets.assembly import build_defs
from genesys_assets.component.attributes import attributes, organisation_of
from genesys_assets.component.scaffolder import GenesysCloudScaffolder
from genesys_assets.marts import Mart
from genesys_assets.organisation import Organisation
from genesys_assets.setting import SettingsError


@dg.scaffold_with(GenesysCloudScaffolder)
class GenesysCloud(dg.Component, dg.Resolvable):
    """Every conversation of a Genesys Cloud organisation in DuckDB, one complete day per partition, and its figures.

    The attributes are the organisation's settings. Without `client_id` and `client_secret` it is the built-in sandbox.
    Several organisations stand beside one another by their `key_prefix`, each with a database of its own. A class of
    your own that inherits from this one may declare further `marts`.
    """

    marts: ClassVar[Sequence[Mart]] = ()

    def __init__(self, organisation: Organisation | None = None) -> None:
        self.organisation = organisation or Organisation()

    @classmethod
    def model(cls) -> type[BaseModel]:
        """Return the model of the attributes; `dg check yaml` and the UI read its JSON schema."""
        return attributes()

    @classmethod
    def get_spec(cls) -> dg.ComponentTypeSpec:
        """Return what catalogues of components say of this one."""
        return dg.ComponentTypeSpec(tags=["genesys-cloud", "contact-centre", "duckdb"])

    @classmethod
    def resolve_from_model(cls, context: dg.ResolutionContext, model: BaseModel) -> Self:
        """Return the component of a defs.yaml's attributes.

        Raises:
            SettingsError: Attributes cannot be used; the text says which, why, and what to write instead.
        """
        return cls(organisation_of(model, context.resolve_value))

    @classmethod
    def load(cls, attributes: BaseModel | None, context: dg.ComponentLoadContext) -> Self:
        """Return the component of a defs.yaml, which an error names.

        Raises:
            SettingsError: As `resolve_from_model`.
        """
        try:
            return super().load(attributes, context)
        except SettingsError as error:
            raise SettingsError(f"{context.path}: {error}") from None

    def build_defs(self, context: dg.ComponentLoadContext) -> dg.Definitions:
        """Return all definitions of the organisation."""
        return build_defs(self.organisation, marts=self.marts)
