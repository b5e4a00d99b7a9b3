"""The whole chain on conversations whose personal fields carry a token, and everything that comes out of it."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import dagster as dg
import polars as pl
import pytest

from genesys_assets.assembly import build_defs
from genesys_assets.assets.exports import Exports
from genesys_assets.organisation import Organisation
from genesys_assets.resources import Genesys, Privacy
from genesys_assets.sandbox import Sandbox, serve
from genesys_assets.warehouse import Warehouse
from genesys_assets.work import WorkFolder
from genesys_assets_tests.conftest import DAY, NOW, Chain
from genesys_assets_tests.privacy.marked import TOKEN, marked

KEY = "QZX8KEYOFTHEPSEUDONYMS"


class MarkedSandbox(Sandbox):
    """A contact centre with the token in every personal field, and in fields and field names that nobody knows."""

    def _encoded(self, *args: object) -> bytes:
        told = json.loads(marked(super()._encoded(*args)))
        for participant in told["participants"]:
            participant[f"+49 {TOKEN}"] = TOKEN
            for session in participant["sessions"]:
                session["novelty"] = {TOKEN: TOKEN}
        return json.dumps(told).encode()


@dataclass
class MarkedChain(Chain):
    """The chain under one privacy mode, its database uncompressed, so that the file can be searched."""

    privacy: Privacy = field(default_factory=Privacy)

    @property
    def resources(self) -> dict[str, object]:
        """What the definitions are given."""
        database = str(self.folder / "genesys.duckdb")
        return {
            "genesys": self.genesys,
            "io_manager": Warehouse(database=database, connection_config={"force_compression": "uncompressed"}),
            "work": WorkFolder(path=str(self.folder / "work")),
            "privacy": self.privacy,
            "exports": Exports(url=str(self.folder / "exports")),
        }

    def decode(self) -> bool:
        """Fetches and decodes the day, and stops there."""
        job = dg.define_asset_job("decode", dg.AssetSelection.groups("raw", "staging"))
        defs = dg.Definitions.merge(self.defs, dg.Definitions(jobs=[job]))
        return bool(
            defs.resolve_job_def("decode").execute_in_process(instance=self.instance, partition_key=str(DAY)).success
        )

    @property
    def defs(self) -> dg.Definitions:
        """The definitions, assembled as the project does it."""
        return build_defs(Organisation.from_environment(), resources=self.resources)

    def told(self) -> str:
        """Everything that Dagster remembers of all runs: their records, events, metadata, logs and errors."""
        runs = [record.dagster_run for record in self.instance.get_run_records()]
        entries = [entry for run in runs for entry in self.instance.all_logs(run.run_id)]
        return "\n".join(dg.serialize_value(each) for each in [*runs, *entries])

    def stored(self) -> str:
        """Every value of every table."""
        with self.database.reading() as connection:
            tables = connection.execute("SELECT schema_name || '.' || table_name FROM duckdb_tables()").fetchall()
            return "\n".join(str(connection.sql(f"FROM {table}").fetchall()) for (table,) in tables)


@pytest.fixture
def marked_chain(tmp_path: Path) -> Iterator[Callable[..., MarkedChain]]:
    """Makes a chain under a mode; further settings go to the sandbox."""
    with dg.DagsterInstance.ephemeral() as instance:
        servers = []

        def make(mode: str, source: str = "auto", **sandbox: object) -> MarkedChain:
            centre = MarkedSandbox(conversations_per_day=25, now=lambda: NOW, requests_per_minute=None, **sandbox)
            servers.append(serve(centre))
            url = servers[-1].__enter__()
            genesys = Genesys(
                client_id="sandbox",
                client_secret="sandbox",
                api_url=url,
                login_url=url,
                requests_per_minute=100_000,
                source=source,
            )
            key = KEY if mode == "hash" else None
            return MarkedChain(tmp_path, genesys, instance, centre, privacy=Privacy(mode=mode, key=key))

        yield make
        for server in servers:
            server.__exit__(None, None, None)


def on_disk(folder: Path) -> str:
    """All files below a folder: as they are, and what is in the Parquet files."""
    texts = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        texts.append(f"{path}: {path.read_bytes().decode('latin-1')}")
        if path.suffix == ".parquet":
            texts.append(str(pl.read_parquet(path, glob=False).rows()))
    return "\n".join(texts)


def excerpts(text: str, token: str = TOKEN) -> list[str]:
    """What stands around the first places of a token; pytest would compare megabytes to explain a failure."""
    return [text[max(0, found.start() - 300) : found.end() + 20] for found in islice(re.finditer(token, text), 3)]
