"""Lets `python -m formcheck` do what the command `formcheck` does."""

from formcheck.cli import main

if __name__ == "__main__":
    main()
