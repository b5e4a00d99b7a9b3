"""The client's secret through a real run: it buys the token, and is in nothing that anybody can read."""

from dataclasses import replace

import dagster as dg
import pytest

from genesys_assets.organisation import VARIABLES, Organisation
from genesys_assets.resources import genesys_of
from genesys_assets.sandbox import Faults, on
from genesys_assets.sandbox import access as sandbox_access
from genesys_assets.setting import SettingsError
from genesys_assets_tests.conftest import DAY, Hurried

SECRET = "s3cr3t-9f3a77c1"


@pytest.fixture
def secretive(chain, monkeypatch):
    """The chain on a sandbox that takes this secret alone, which the resource knows by its variable's name."""
    monkeypatch.setattr(sandbox_access, "CLIENT_SECRET", SECRET)
    monkeypatch.setenv(VARIABLES["client_secret"], SECRET)
    hosts = {"api_url": chain.genesys.api_url, "login_url": chain.genesys.login_url}
    by_name = dg.EnvVar(VARIABLES["client_secret"])
    return replace(chain, genesys=Hurried(client_id="sandbox", client_secret=by_name, source="query", **hosts))


@pytest.mark.parametrize("fault", [None, on("details", status=401), on("details", status=403), on("oauth", status=500)])
def test_no_event_log_metadata_or_configuration_of_a_run_holds_the_secret(secretive, sandbox, capfd, fault):
    sandbox.faults = Faults(*filter(None, [fault]))
    result = secretive.fetch(DAY)
    assert result.success is (fault is None)
    run = secretive.instance.get_run_by_id(result.run_id)
    told = [dg.serialize_value(entry) for entry in secretive.instance.all_logs(result.run_id)]
    told += [dg.serialize_value(run), dg.serialize_value(secretive.instance.get_job_snapshot(run.job_snapshot_id))]
    told += [*capfd.readouterr(), repr(secretive.genesys)]
    assert any("conversations" in text for text in told)
    assert [text for text in told if SECRET in text] == []


def test_the_resource_holds_the_names_of_the_credentials_not_their_values(monkeypatch):
    monkeypatch.setenv(VARIABLES["client_id"], "an-id")
    monkeypatch.setenv(VARIABLES["client_secret"], SECRET)
    resource = genesys_of(Organisation.from_environment())
    assert resource.client_secret == dg.EnvVar(VARIABLES["client_secret"])
    assert isinstance(resource.client_id, dg.EnvVar)
    assert SECRET not in repr(resource)


def test_a_secret_that_dagster_would_show_is_refused_without_being_told():
    with pytest.raises(SettingsError, match="give the name of the variable that has it") as refused:
        genesys_of(Organisation(client_id="an-id", client_secret=SECRET))
    assert SECRET not in str(refused.value)
