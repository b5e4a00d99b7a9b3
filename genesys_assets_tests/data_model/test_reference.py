"""docs/data-model.md says what the schemas say."""

import pytest

from genesys_assets.data_model import PARENTS, TABLES, reference


@pytest.mark.parametrize("table", TABLES)
def test_every_table_and_column_is_on_the_page(table: str) -> None:
    section = reference.page().partition(f"### {table}\n")[2].partition("\n### ")[0]
    assert [name for name in TABLES[table].column_names() if f"| `{name}`" not in section] == []


@pytest.mark.parametrize("child", PARENTS)
def test_every_child_hangs_from_its_parent_in_the_picture(child: str) -> None:
    picture = reference.page().partition("```mermaid")[2].partition("```")[0]
    lines = [line.split() for line in picture.splitlines() if line.endswith('"has"')]
    assert [PARENTS[child].replace(".", "_"), child.replace(".", "_")] in [[line[0], line[2]] for line in lines]


@pytest.mark.parametrize(("table", "column"), reference.NAMED)
def test_a_column_that_leads_to_the_directory_exists(table: str, column: str) -> None:
    assert reference.NAMED[table, column] in TABLES
    assert column in TABLES[table].column_names()
