"""A simulator of BigBlueButton's API; `api` says what it rests on."""

from .api import BigBlueButtonSimulator

__all__ = ["BigBlueButtonSimulator"]
