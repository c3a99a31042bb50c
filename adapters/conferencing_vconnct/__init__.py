"""VConnct (https://vconnct.me) for `conferencing`: the v1 Client API, and V.cloud's v4.

They share a brand and little else. `api_version = 4` in the account chooses the latter.
"""

from .provider import VConnct
from .settings import VConnctSettings
from .v4 import VConnctV4

__all__ = ["VConnct", "VConnctSettings", "VConnctV4"]
