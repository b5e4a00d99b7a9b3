"""A local Genesys Cloud: the conversation APIs served over generated traffic, with faults on request.

For the demo, for tests, and for any Genesys client that wants something to talk to. It knows nothing of the rest of the
project: what it says is computed from its own scenarios alone. `docs/sandbox.md` tells what it serves.
"""

from genesys_assets.sandbox.access import CLIENT_ID, CLIENT_SECRET
from genesys_assets.sandbox.faults import Fault, Faults, on
from genesys_assets.sandbox.sandbox import Sandbox
from genesys_assets.sandbox.server import run, serve
from genesys_assets.sandbox.state import Request

__all__ = ["CLIENT_ID", "CLIENT_SECRET", "Fault", "Faults", "Request", "Sandbox", "on", "run", "serve"]
