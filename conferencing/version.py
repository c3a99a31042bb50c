"""The version. It repeats the metadata, which take longer to read than a call takes."""

__all__ = ["__version__"]

__version__ = "0.1.0"
