"""`python -m consort ...` and `consort ...`: the program inside the package."""
import os
import sys


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "native", "consort")
    os.execv(path, ["consort", *sys.argv[1:]])


if __name__ == "__main__":
    main()
