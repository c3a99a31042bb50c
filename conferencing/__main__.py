"""`python -m conferencing` is the `conferencing` command."""

from conferencing.cli import main

if __name__ == "__main__":
    main()
