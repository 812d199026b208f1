"""`python -m speechcoach.cli` is `speechcoach`."""

from speechcoach.cli import main

main()
