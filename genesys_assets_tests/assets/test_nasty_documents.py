"""A day whose documents hold what some reader refuses, by the real chain: it is stored, and SQL reads every row."""

from collections.abc import Callable
from itertools import cycle

import dagster as dg
import pytest

from genesys_assets.assets.documents_recounted import equals_raw
from genesys_assets.assets.staging import REPORT_CHECK, STAGING
from genesys_assets.sandbox import Sandbox
from genesys_assets.sandbox.traffic import Head
from genesys_assets_tests.assets.reading import why
from genesys_assets_tests.conftest import DAY, NOW, Chain
from genesys_assets_tests.nasty import NASTY, text_of

KEYS = [dg.AssetKey(["raw", "conversations"]), *(dg.AssetKey(name.split(".")) for name in STAGING[0].tables)]


class Spoilt(Sandbox):
    """A sandbox whose documents hold something nasty each, in known and unknown fields and in an attribute."""

    def document(self, head: Head, at: int, *, attributes: bool) -> bytes:
        """Returns a document that is spoilt in the way that is its turn."""
        value = text_of(next(TURNS))
        sound = super().document(head, at, attributes=attributes)
        sound = sound.replace(b'"attributes":{', b'"attributes":{"nasty":' + value + b",", 1)
        return b"%s,%s}" % (sound[:-1], b",".join(name + b":" + value for name in NAMES))


NAMES = (b'"externalTag"', b'"novelty"', b'"mediaStatsMinConversationMos"', rb'"key\ud83d"')
TURNS = cycle(NASTY.values())


@pytest.mark.parametrize(("mode", "source"), [("keep", "query"), ("keep", "job"), ("hash", "job"), ("drop", "job")])
def test_a_day_of_nasty_documents_is_stored_and_read_by_sql(
    chain_on: Callable[..., Chain], monkeypatch: pytest.MonkeyPatch, mode: str, source: str
) -> None:
    monkeypatch.setenv("GENESYS_ASSETS_PRIVACY", mode)
    if mode == "hash":
        monkeypatch.setenv("GENESYS_ASSETS_PRIVACY_KEY", "4f1d0c9b7ae26835b1c0d7e94a2f6683")
    options = {"conversations_per_day": 2 * len(NASTY), "now": lambda: NOW, "requests_per_minute": None}
    chain = chain_on(Spoilt(**options), source=source)
    result = chain.defs.resolve_implicit_global_asset_job_def().execute_in_process(
        instance=chain.instance, partition_key=str(DAY), asset_selection=KEYS, raise_on_error=False
    )
    assert result.success, why(result)
    with chain.database.reading() as connection:
        (read,) = connection.execute(
            "SELECT count(*), bool_and(json_valid(document)), "
            "bool_and(document ->> '$.conversationId' = conversation_id), count(document ->> '$.externalTag') "
            "FROM raw.conversations"
        ).fetchall()
        staged = connection.execute("SELECT count(*) FROM staging.conversations").fetchall()
    assert read[1:3] == (True, True)
    assert staged == [(read[0],)]
    if source == "job":
        assert read[0] == len(Sandbox(**options).conversations(DAY))
    assert bool(read[3]) == (mode != "drop")
    log = "\n".join(entry.user_message for entry in chain.instance.all_logs(result.run_id))
    assert "holds what no JSON reader accepts" in log
    assert any(name in log for name in chain.table("raw.conversations")["conversation_id"])
    (check,) = [each for each in result.get_asset_check_evaluations() if each.check_name == REPORT_CHECK]
    counted = check.metadata["unreadable_values"].value
    assert counted["mediaStatsMinConversationMos"] > 0
    (recounted,) = [each for each in result.get_asset_check_evaluations() if each.check_name == equals_raw.key.name]
    assert recounted.passed, recounted.description
    if mode == "keep":
        assert counted["externalTag"] > 0
        assert (counted.get("participants.attributes", 0) > 0) == (source == "job")  # a query brings no attributes
