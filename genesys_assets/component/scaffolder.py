"""What `dg scaffold defs genesys_assets.GenesysCloud NAME` writes: a file that explains itself.

What belongs here: which attributes a new organisation begins with, and how the file is laid out. The sentences are
those of the settings.
"""

import re
import textwrap
from pathlib import Path

from dagster.components import Scaffolder, ScaffoldRequest
from pydantic import BaseModel, Field

from genesys_assets.component.attributes import BY_REFERENCE, reference_to
from genesys_assets.organisation import FIELDS, Organisation

WIDTH = 100
DEFAULTS = Organisation()


class Beginning(BaseModel):
    """What the command line may say of a new organisation."""

    region: str = Field(DEFAULTS.region, description="AWS region of the organisation, such as eu-central-1.")
    timezone: str = Field(DEFAULTS.timezone, description="Time zone of its business day, such as Europe/Berlin.")


class GenesysCloudScaffolder(Scaffolder[Beginning]):
    """Writes the file of one organisation, which is called as its folder is."""

    @classmethod
    def get_scaffold_params(cls) -> type[Beginning]:
        """Return what the command line may say."""
        return Beginning

    def scaffold(self, request: ScaffoldRequest[Beginning]) -> None:
        """Write defs.yaml, or component.py if Python is asked for."""
        prefix = _prefix_of(request.target_path)
        if request.scaffold_format == "python":
            (request.target_path / "component.py").write_text(_python(prefix, request.params), encoding="utf-8")
            return
        text = _yaml(request.type_name, prefix, request.params)
        with (request.target_path / "defs.yaml").open("a" if request.append else "w", encoding="utf-8") as file:
            file.write(f"---\n{text}" if request.append else text)


def _prefix_of(folder: Path) -> str:
    """Return a key prefix that is like the folder's name."""
    plain = re.sub(r"[^a-z0-9]+", "_", folder.name.lower()).strip("_")
    return plain if plain[:1].isalpha() else f"genesys_{plain}".rstrip("_")


def _yaml(type_name: str, prefix: str, beginning: Beginning) -> str:
    """Return the text of a defs.yaml: what is set, and commented out what many set."""
    attributes = "\n\n".join(
        _explained(name, value, is_set=is_set) for name, value, is_set in _attributes(prefix, beginning)
    )
    return f"""\
# A Genesys Cloud organisation: each of its days as a partition, in DuckDB, and the figures made of it. As long as
# client_id and client_secret are not set, it is the built-in sandbox. The UI lists all attributes: Deployment, the code
# location, Components.
#
# `dg check yaml` and `dg check defs` say what cannot be used. A pool without a limit would give each of many runs the
# full pace: set `concurrency: pools: {{granularity: run, default_limit: 2}}` in your dagster.yaml.
type: {type_name}

attributes:
{textwrap.indent(attributes, "  ")}

# What Dagster knows beside: owners, tags, groups, automation conditions of the assets that a selection names.
# post_processing:
#   assets:
#     - target: "group:{prefix}_marts"
#       attributes:
#         owners: ["team:contact-centre"]
"""


def _attributes(prefix: str, beginning: Beginning) -> list[tuple[str, str, bool]]:
    """Return the attributes with their values, and whether they are set, in the order of the settings."""
    data = "{{ context.project_root }}"
    values = {
        "key_prefix": prefix,
        **{name: reference_to(f"{prefix}_{name}".upper()) for name in sorted(BY_REFERENCE)},
        "region": beginning.region,
        "database": f"{data}/data/{prefix}.duckdb",
        "work_folder": f"{data}/data/{prefix}",
        "timezone": beginning.timezone,
        "start_date": str(DEFAULTS.start_date),
        "privacy": DEFAULTS.privacy,
        "export_url": f"{data}/exports/{prefix}",
    }
    return [(name, values[name], name not in BY_REFERENCE) for name in FIELDS if name in values]


def _explained(name: str, value: str, *, is_set: bool) -> str:
    sentence = textwrap.fill(" ".join((FIELDS[name].description or "").split()), WIDTH)
    line = f'{name}: "{value}"' if "{" in value or not value.isidentifier() else f"{name}: {value}"
    return f"{textwrap.indent(sentence, '# ')}\n{line if is_set else f'# {line}'}"


def _python(prefix: str, beginning: Beginning) -> str:
    """Return the text of a component.py with the same attributes."""
    return f'''\
from pathlib import Path

import dagster as dg

from genesys_assets import GenesysCloud
from genesys_assets.organisation import Organisation


@dg.component_instance
def load(context: dg.ComponentLoadContext) -> GenesysCloud:
    """Return an organisation: the built-in sandbox, as long as client_id and client_secret are not set."""
    root = Path(context.project_root)
    return GenesysCloud(
        Organisation(
            key_prefix="{prefix}",
            # client_id=dg.EnvVar("{prefix.upper()}_CLIENT_ID"),
            # client_secret=dg.EnvVar("{prefix.upper()}_CLIENT_SECRET"),
            region="{beginning.region}",
            database=str(root / "data/{prefix}.duckdb"),
            work_folder=str(root / "data/{prefix}"),
            timezone="{beginning.timezone}",
            start_date="{DEFAULTS.start_date}",
            export_url=str(root / "exports/{prefix}"),
        )
    )
'''
