"""The name of each setting's environment variable, so that any error can name the variable to set.

Belongs here: the rule from a setting's name to its variable's, the variables that Genesys Cloud's own tools use, and
the type of a value that is given by the name of another variable. The settings themselves are in `organisation`. No
other module contains a variable's name.
"""

from dataclasses import dataclass

_CUSTOMARY = {
    "client_id": "GENESYSCLOUD_OAUTHCLIENT_ID",
    "client_secret": "GENESYSCLOUD_OAUTHCLIENT_SECRET",
    "region": "GENESYSCLOUD_REGION",
    "api_url": "GENESYSCLOUD_API_URL",
    "login_url": "GENESYSCLOUD_LOGIN_URL",
}
"""The settings that Genesys Cloud's own command line and SDKs have too, with the variables that they use."""


@dataclass(frozen=True)
class Variable:
    """An environment variable that holds a value, which is read when it is used.

    Attributes:
        name: Its name.
    """

    name: str


def variable_of(setting: str) -> str:
    """Return the environment variable of a setting, which is a field of `Organisation`."""
    return _CUSTOMARY.get(setting, f"GENESYS_ASSETS_{setting.upper()}")
