"""The tables in bench/RESULTS.md, each between two comments that say which script writes it."""
import os


def write_table(mark, text):
    """Puts `text` between the two comments `mark`."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "RESULTS.md")
    with open(path) as file:
        parts = file.read().split(mark)
    if len(parts) != 3:
        raise SystemExit(f"{path} does not have the comment {mark} twice")
    with open(path, "w") as file:
        file.write(parts[0] + mark + "\n" + text + mark + parts[2])
