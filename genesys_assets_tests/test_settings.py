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


ODD = [
    "hooks.example.com/a",
    "https://",
    "https:///services/a",
    "https:hooks.example.com",
    "ftp://hooks.example.com/a",
    "javascript://hooks.example.com/%0aalert(1)",
    "file:///etc/passwd",
    "https://me:pw@hooks.example.com/a",
    "https://hooks.example.com@evil.example/a",
    "https://hooks.example.com\\@evil.example/a",
    "https://hooks.example.com/a b",
    "https://hooks.example.com/a\r\nHost: evil",
    "https://hooks.example.com/a#b",
    "https://hooks.example.com:/a",
    "https://hooks.example.com:port/a",
    "https://hooks.example.com:0/a",
    "https://hooks.example.com:70000/a",
    "https://[::1/a",
    "https://-hooks/a",
    "https://hooks..example.com/a",
    "https://höoks.example.com/a",
    "https://hooks.example.com/<!channel>",
    "https://0x7f000001/a",
    "https://2130706433/a",
]


@pytest.mark.parametrize("text", [*ODD, "http://hooks.example.com/a", "http://169.254.169.254/latest"])
def test_an_odd_webhook_is_refused_without_being_shown(monkeypatch, text):
    monkeypatch.setenv(settings.ALERT_WEBHOOK.name, text)
    with pytest.raises(SettingsError, match="begins with https://") as refused:
        settings.ALERT_WEBHOOK.text()
    assert text == "https://" or text not in str(refused.value)


@pytest.mark.parametrize("text", [*ODD, "https://dagster.example.com/?a=b", "https://dagster.example.com?"])
def test_an_odd_address_of_the_ui_is_refused(monkeypatch, text):
    monkeypatch.setenv(settings.DAGSTER_URL.name, text)
    with pytest.raises(SettingsError, match="write a URL such as"):
        settings.DAGSTER_URL.text()


@pytest.mark.parametrize(
    "text",
    [
        "https://hooks.slack.com/services/T000/B000/XXXX",
        "https://prod-1.westeurope.logic.azure.com:443/workflows/a/triggers/b?api-version=1&sig=x-y_z%2F",
        "https://discord.com/api/webhooks/1/a-b_c",
        "https://10.0.0.7:8443/hook",
        "https://[fd00::7]/hook",
        "https://hooks/a",
        "http://localhost:9000/hook",
        "http://127.0.0.1:9000/hook",
        "http://[::1]:9000/hook",
    ],
)
def test_a_webhook_of_https_or_on_this_machine_is_taken(monkeypatch, text):
    monkeypatch.setenv(settings.ALERT_WEBHOOK.name, text)
    assert settings.ALERT_WEBHOOK.text() == text


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
