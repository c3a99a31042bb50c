"""A simulator of VConnct's v1 and of V.cloud's v4; `api` says what it rests on."""

from .api import VConnctSimulator

__all__ = ["VConnctSimulator"]
