"""Jitsi Meet, on a server of one's own or as 8x8's JaaS, for `conferencing`. It sends nothing."""

from .provider import Jitsi
from .settings import JitsiSettings

__all__ = ["Jitsi", "JitsiSettings"]
