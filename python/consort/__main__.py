"""`python -m consort ...` and `consort ...`: the program inside the package."""
import os
import sys

from consort._library import program


def main():
    path = program()
    os.execv(path, ["consort", *sys.argv[1:]])


if __name__ == "__main__":
    main()
