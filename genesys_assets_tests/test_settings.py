import pytest

from genesys_assets import settings
from genesys_assets.setting import Setting, SettingsError


@pytest.mark.parametrize(
    ("setting", "text"),
    [
        (settings.START_DATE, "01.01.2026"),
        (settings.START_DATE, "20260101"),
        (settings.START_DATE, "2026-W01-4"),
        (settings.TOLERATED_SHORTFALL, "1"),
        (settings.TOLERATED_SHORTFALL, "nan"),
        (settings.TOLERATED_SHORTFALL, "5 %"),
        (settings.JOBS_AT_ONCE, "0"),
        (settings.SOURCE, "jobs"),
        (settings.REQUESTS_PER_MINUTE, "0"),
        (settings.REQUESTS_PER_MINUTE, "many"),
        (settings.INTERVAL_MINUTES, "20"),
        (settings.INCLUDE_FLOWOUTS, "yes"),
        (settings.PRIVACY, "mask"),
    ],
    ids=lambda value: value.name if isinstance(value, Setting) else value,
)
def test_a_text_that_cannot_be_used_is_an_error_that_says_what_to_write(monkeypatch, setting, text):
    monkeypatch.setenv(setting.name, text)
    with pytest.raises(SettingsError, match=rf"^{setting.name}: '{text}' cannot be used: write .+\.$"):
        setting.text()


def test_a_secret_stands_in_no_error(monkeypatch):
    def refuse(text: str) -> None:
        raise ValueError("too short")

    monkeypatch.setenv("A_SECRET", "hunter2")
    with pytest.raises(SettingsError) as refused:
        Setting("A_SECRET", "", parse=refuse, secret=True).text()
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("setting", settings.SETTINGS, ids=lambda setting: setting.name)
def test_every_default_can_be_used(monkeypatch, setting):
    monkeypatch.delenv(setting.name, raising=False)
    assert setting.text() == setting.default


def test_an_empty_variable_is_not_set(monkeypatch):
    monkeypatch.setenv(settings.SOURCE.name, " ")
    assert not settings.SOURCE.is_set
    assert settings.SOURCE.text() == "auto"
