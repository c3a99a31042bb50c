"""A local stand-in for Microsoft Graph, as far as Teams' meetings need it."""

from .api import TeamsSimulator

__all__ = ["TeamsSimulator"]
