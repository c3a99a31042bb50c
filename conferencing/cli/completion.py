"""`conferencing completion`: scripts that let a shell complete commands and options."""

from __future__ import annotations

from typing import Literal

from rich.console import Console

from .output import Output

__all__ = ["completion"]


def completion(
    shell: Literal["bash", "zsh", "fish", "powershell"], /, *, json: bool = False
) -> Output:
    """Print a completion script: `source <(conferencing completion bash)`.

    Parameters
    ----------
    shell
        The shell.
    json
        Print JSON.
    """
    from .commands import app  # noqa: PLC0415 - it imports this module

    script = app.generate_completion(prog_name="conferencing", shell=shell)

    def show(console: Console) -> None:
        console.file.write(script)

    return Output({"shell": shell, "script": script}, show)
