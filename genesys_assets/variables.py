"""What the environment calls each setting, so that an error can name what to set without knowing who reads it.

Belongs here: the rule that makes a variable's name of a setting's, and the names that Genesys Cloud's own tools have
made customary. Which settings there are is `organisation`. No other module writes a variable's name.
"""

_CUSTOMARY = {
    "client_id": "GENESYSCLOUD_OAUTHCLIENT_ID",
    "client_secret": "GENESYSCLOUD_OAUTHCLIENT_SECRET",
    "region": "GENESYSCLOUD_REGION",
    "api_url": "GENESYSCLOUD_API_URL",
    "login_url": "GENESYSCLOUD_LOGIN_URL",
}
"""Settings that are those of Genesys Cloud's own command line and SDKs, by the names that they have there."""


def variable_of(setting: str) -> str:
    """Return the environment's variable of a setting, which is a field of `Organisation`."""
    return _CUSTOMARY.get(setting, f"GENESYS_ASSETS_{setting.upper()}")
