"""V.cloud, which VConnct calls v4: rooms that run once, signed requests, invitation links."""

from .provider import VConnctV4
from .signature import Signature

__all__ = ["Signature", "VConnctV4"]
