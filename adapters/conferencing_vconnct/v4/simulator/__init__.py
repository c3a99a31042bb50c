"""A simulator of V.cloud's v4, the part of VConnct's simulator that answers below `/api/v4`."""

from .api import PREFIX, answer, refuse
from .state import CloudState

__all__ = ["PREFIX", "CloudState", "answer", "refuse"]
