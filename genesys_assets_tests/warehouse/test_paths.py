"""A database may be anywhere: whatever its folder is called, what is stored is loaded, and no name adds to it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest

import genesys_assets
from genesys_assets.warehouse import Database, DeclarationError
from genesys_assets.warehouse.parquet import ParquetRows
from genesys_assets.warehouse.spool import Spool
from genesys_assets_tests.warehouse.support import DAY, Engine, calls, load, store

NAMES = (
    "env=prod/purpose=agent",
    "call_id=5/note=agent/partition_date=2001-01-01",
    "seconds=__HIVE_DEFAULT_PARTITION__",
    "[a]",
    "[!a]",
    "[",
    "]",
    "a*b",
    "**",
    "*.parquet",
    "what?",
    "what?access_mode=read_only",
    "~",
    "~tilde",
    "{a,b}",
    "{uuid}",
    "two words",
    " ",
    "it's",
    'say "so"',
    ";--",
    "%20",
    "#hash",
    "ünï-日本",
    "-dash",
    "x" * 255,
    "new\nline",
    "back\\slash",
    "back\\[slash]",
    "$HOME",
    "@at",
    "a:b",
    ".hidden",
    "tab\t\x07",
)
DATABASES = (
    "env=prod/purpose=agent/calls.duckdb",
    "call_id=5/note=agent/partition_date=2001-01-01/seconds=__HIVE_DEFAULT_PARTITION__/[a].duckdb",
    "[a]/[!a]/[/]/a*b",
    "**/*.parquet/{a,b}/{uuid}/note=agent.duckdb",
    "~/~tilde/two words/ /it's/~",
    'say "so"/;--/%20/#hash/$HOME/@at/a:b/%20;--',
    "ünï-日本/-dash/.hidden/new\nline/tab\t\x07/it's",
    *(("back\\slash/back\\[slash]/back\\slash",) if duckdb.__version__.startswith("1.") else ()),  # 2.0: refused
    "x" * 255 + "/" + "x" * 231,
    "[calls]",
)


@pytest.mark.parametrize("name", DATABASES)
def test_a_database_under_any_name_takes_a_day_twice_and_gives_it_back(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    engine = Engine({"database": str(path)}, "")
    store(engine, calls(DAY, ("a", 1, "customer"), ("b", 2, None)))
    again = calls(DAY, ("a", 1, "customer"), ("c", 3, None))
    told = store(engine, again)
    assert {name: told[DAY][name] for name in ("rows_added", "rows_changed", "rows_removed")} == {
        "rows_added": 1,
        "rows_changed": 0,
        "rows_removed": 1,
    }
    assert load(engine).sort("call_id").equals(again)
    assert path.is_file()
    beside = {each.name.removeprefix(path.name) for each in path.parent.iterdir()}
    assert beside <= {"", ".lock", ".spool"}


@pytest.mark.parametrize("name", ["~tilde/calls.duckdb", "-dash/calls.duckdb", "./~/calls.duckdb", "note=agent"])
def test_a_relative_path_is_one_below_the_present_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    engine = Engine({"database": name}, "")
    store(engine, calls(DAY, ("a", 1, "customer")))
    assert load(engine)["note"].to_list() == ["customer"]
    assert (tmp_path / name).is_file()


def test_files_under_any_name_are_rows_of_what_is_in_them_for_both_readers(tmp_path: Path) -> None:
    for name in NAMES:
        parent = tmp_path / name / "spool"
        spool = Spool(parent)
        with spool.scoped_folder() as folder, Database(tmp_path / "calls.duckdb").reading() as connection:
            file = folder / "rows.parquet"
            pl.DataFrame({"a": [1]}).write_parquet(file)
            rows = ParquetRows((file, file))
            found = connection.execute(f"SELECT * FROM {rows.sql}").fetchall()
            described = [column for column, *_ in connection.execute(f"DESCRIBE FROM {rows.sql}").fetchall()]
            assert (found, described) == ([(1,), (1,)], ["a"]), name
        spool.close()
        assert [each.name for each in parent.iterdir()] == ["sweep.lock"], name


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("data/\0.duckdb", "NUL character"),
        ("x" * 256 + "/calls.duckdb", "is too long"),
        ("x" * 240, "is too long"),
        ("y/" * 2100 + "calls.duckdb", "is too long"),
        ("data/\udcff/calls.duckdb", "not text in UTF-8"),
        ("data/what?.duckdb", "question mark"),
        ("what?/calls.duckdb", "question mark"),
        ("~/calls.duckdb", "home folder"),
    ],
)
def test_a_path_that_no_database_can_have_is_refused_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, location: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DeclarationError, match=said) as refused:
        Database(location)
    assert str(refused.value).count(". ") <= 1
    assert list(tmp_path.iterdir()) == []


PACKAGE = Path(genesys_assets.__file__).parent
READERS = {"read_parquet", "scan_parquet", "read_csv", "scan_csv", "read_ndjson", "scan_ndjson", "read_ipc", "scan_ipc"}


def sources() -> Iterator[tuple[str, str]]:
    for file in sorted(PACKAGE.rglob("*.py")):
        yield str(file.relative_to(PACKAGE)), file.read_text(encoding="utf-8")


def test_every_reader_of_polars_is_told_to_guess_nothing_from_a_path() -> None:
    guessing = []
    for name, text in sources():
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in READERS:
                told = {
                    each.arg for each in node.keywords if isinstance(each.value, ast.Constant) and not each.value.value
                }
                if not {"glob", "hive_partitioning"} <= told:
                    guessing.append(f"{name}:{node.lineno}")
    assert guessing == []


def test_only_one_place_has_duckdb_read_files_by_their_path() -> None:
    by_path = re.compile(r"(read_(parquet|csv|csv_auto|json|ndjson|text|blob)\w*|parquet_scan|sniff_csv|glob)\(\[?['{]")
    from_text = re.compile(r"FROM \{?(_?literal\(|')")
    found = {name for name, text in sources() if by_path.search(text) or from_text.search(text)}
    assert found == {"warehouse/parquet.py"}


def test_every_attached_file_goes_by_a_path_that_duckdb_cannot_expand() -> None:
    attached = {
        name: re.findall(r"ATTACH (\{.*?\}+|'.*?'|IF NOT EXISTS \{.*?\})[ )]", text) for name, text in sources()
    }
    found = {name: set(places) for name, places in attached.items() if places}
    assert found == {
        "exports/database_copy.py": {"{literal(str(made))}", "{literal(str(before))}"},
        "purge/rewriting.py": {"{literal(fresh)}"},
        "warehouse/engines/engine.py": {"':memory:'"},
        "warehouse/engines/file.py": {"{file}"},
        "warehouse/engines/lake.py": {"IF NOT EXISTS {literal(self._location)}"},
    }


@pytest.mark.usefixtures("ducklake")
@pytest.mark.parametrize("name", ["purpose=agent/[a]/a*b/~t/it's/%20#", "note=agent"])
def test_a_lake_may_be_under_any_name_too(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir(parents=True)
    engine = Engine({"database": f"ducklake:{folder / 'calls.ducklake'}", "data_path": str(folder / "data")}, "")
    for rows in (calls(DAY, ("a", 1, "customer")), calls(DAY, ("a", 2, "customer"), ("b", 1, None))):
        store(engine, rows)
        assert load(engine).sort("call_id").equals(rows)


@pytest.mark.parametrize(("catalogue", "data"), [("what?/calls", "data"), ("calls", "back\\slash")])
def test_a_lake_under_a_name_that_duckdb_misreads_is_refused_at_once(tmp_path: Path, catalogue: str, data: str) -> None:
    with pytest.raises(DeclarationError, match=r"question mark|backslash"):
        Database(f"ducklake:{tmp_path / catalogue}", data_path=str(tmp_path / data))
    assert list(tmp_path.iterdir()) == []
