"""A local Genesys Cloud: the conversation APIs served over generated traffic, with faults on request.

For the demo, for tests, and for trying any client of Genesys Cloud. Of the rest of the project it knows
which directory listings there are; its responses are computed from its own scenarios alone. `docs/sandbox.md` lists
what it serves.
"""

from genesys_assets.sandbox.access import CLIENT_ID, CLIENT_SECRET
from genesys_assets.sandbox.faults import Fault, Faults, on
from genesys_assets.sandbox.sandbox import Sandbox
from genesys_assets.sandbox.server import run, serve
from genesys_assets.sandbox.state import RecordedRequest

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "Fault", "Faults", "RecordedRequest", "Sandbox", "on", "run", "serve"]
