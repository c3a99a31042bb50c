"""Harvest as the JSON argument says; a program, so that it can be killed."""

from __future__ import annotations

import json
import sys

from conferencing.warehouse import harvest, open_pipeline


def main() -> None:
    options = json.loads(sys.argv[1])
    pipeline = open_pipeline(
        options["to"], folder=options["folder"], name=options.get("name", "conferencing")
    )
    result = harvest(
        pipeline, [options["account"]], pseudonym_key=options["key"], chunk=options["chunk"]
    )
    sys.exit(0 if result.complete else 3)


if __name__ == "__main__":
    main()
