"""The tables as sources of a dbt project: each of them, with the key of its asset."""

import pytest
import yaml
from click.testing import CliRunner

from genesys_assets.assembly import build_defs
from genesys_assets.cli import main
from genesys_assets.data_model import TABLES
from genesys_assets.organisation import Organisation


@pytest.mark.parametrize("prefix", [None, "emea"])
def test_each_table_is_a_source_by_the_key_of_its_asset(prefix):
    called = CliRunner().invoke(main, ["dbt-sources", *(["--key-prefix", prefix] if prefix else [])])
    assert called.exit_code == 0
    sources = yaml.safe_load(called.output)["sources"]
    assert {source["name"] for source in sources} == {
        f"{prefix or 'genesys'}_{schema}" for schema in ("raw", "staging", "marts", "directory")
    }
    tables = {f"{source['schema']}.{table['name']}": table for source in sources for table in source["tables"]}
    keys = {tuple(table["config"]["meta"]["dagster"]["asset_key"]) for table in tables.values()}
    graph = build_defs(Organisation(key_prefix=prefix)).resolve_asset_graph()
    assert keys <= {tuple(key.path) for key in graph.get_all_asset_keys()}
    assert {name: [column["name"] for column in table["columns"]] for name, table in tables.items()} == {
        name: schema.column_names() for name, schema in TABLES.items()
    }
    assert all(column["description"] for table in tables.values() for column in table["columns"])
