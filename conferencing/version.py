"""The version, as it is in the metadata: looking it up there takes longer than a call."""

__all__ = ["__version__"]

__version__ = "0.1.0"
