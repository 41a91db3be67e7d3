"""The ``everypage`` command: the same code as the Rust one."""

from __future__ import annotations

import sys

from ._everypage import cli_main


def main() -> int:
    """Runs the command with the process's own arguments."""
    return cli_main(["everypage", *sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
