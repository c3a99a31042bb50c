"""A simulator of Webex: see `api` for what is documented and what is guessed."""

from .api import WebexSimulator

__all__ = ["WebexSimulator"]
