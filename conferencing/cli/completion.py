"""`conferencing completion`: what a shell needs to complete our commands."""

from __future__ import annotations

from typing import Literal

from rich.console import Console

from .output import Output

__all__ = ["completion"]


def completion(
    shell: Literal["bash", "zsh", "fish", "powershell"], /, *, json: bool = False
) -> Output:
    """Print the completion for a shell: `source <(conferencing completion bash)`.

    Parameters
    ----------
    shell
        Which shell.
    json
        Print JSON.
    """
    from .run import app  # noqa: PLC0415 - it imports this module

    script = app.generate_completion(prog_name="conferencing", shell=shell)

    def show(console: Console) -> None:
        console.file.write(script)

    return Output({"shell": shell, "script": script}, show)
