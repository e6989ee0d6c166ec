"""``python -m caudal``: the same as ``caudal``."""

from caudal.cli import main

main()
