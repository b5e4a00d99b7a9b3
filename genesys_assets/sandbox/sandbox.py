"""The sandbox: a state and the application that serves it."""

from __future__ import annotations

from functools import cached_property

from starlette.applications import Starlette

from genesys_assets.sandbox.app import application
from genesys_assets.sandbox.state import State


class Sandbox(State):
    """A local Genesys Cloud over generated traffic; `State` describes its arguments."""

    @cached_property
    def app(self) -> Starlette:
        """Return the ASGI application: login (`/oauth/token`) and API (`/api/v2/...`) on one host."""
        return application(self)
