#!/usr/bin/env python3
"""Golden numbers for tests/test_insight_crew.c: workers of three hosts take turns of a study, some die at it. What each
did, and how long seats waited, is counted second by second.

  crew.py > crew.h
"""
import random

LOOKBACK, TURNS, END = 9, 60, 100000
# name, host, seats, came, leaves at (None: with the study)
WORKERS = [("pid 1", "a", 1, 0, None), ("rank 1", "b", 2, 3, None), ("rank 2", "b", 2, 4, 95), ("rank 3", "c", 3, 2, 33),
           ("rank 4", "c", 1, 120, None)]
rng = random.Random(14)
spans = []  # (start, end, worker, number, lost): in the order in which they began
free = {(w, s): WORKERS[w][3] for w in range(len(WORKERS)) for s in range(WORKERS[w][2])}
returned, begun, ended, t = [], 0, {}, 0
running = {}  # seat: (end, number, start)
while True:
    for seat, (end, number, start) in sorted(running.items()):
        leaves = WORKERS[seat[0]][4]
        if leaves is not None and leaves <= t and end > t:
            spans.append((start, t, seat[0], number, True))
            returned.append(number)
            del running[seat]
        elif end <= t:
            spans.append((start, end, seat[0], number, False))
            ended[number] = end
            del running[seat]
    if begun == TURNS and not running and not returned:
        break
    for seat in sorted(free):
        _, _, _, came, leaves = WORKERS[seat[0]]
        if seat in running or t < came or (leaves is not None and t >= leaves):
            continue
        if returned:
            number = returned.pop(0)
        elif begun < TURNS and all(k in ended for k in range(begun - LOOKBACK + 1)):
            number, begun = begun, begun + 1
        else:
            continue
        running[seat] = (t + max(2, int(rng.lognormvariate(3.2, 0.9))), number, t)
    t += 1
last = t
spans.sort(key=lambda s: (s[0], s[3]))
left = [w[4] if w[4] is not None else last for w in WORKERS]

# Second by second, [t, t + 1): how many turns have begun, may the next one begin, which seats are idle?
busy, lost, waiting, seats_s, closed = [0] * 5, [0] * 5, [0] * 5, [0] * 5, 0
most = {h: 0 for h in "abc"}
most_all = 0
for t in range(last):
    n = len({s[3] for s in spans if s[0] <= t})
    shut = 0 < n < TURNS and any(ended[k] > t for k in range(n - LOOKBACK + 1))
    now = {h: 0 for h in "abc"}
    for w, (_, host, seats, came, _) in enumerate(WORKERS):
        if not came <= t < left[w]:
            continue
        here = [s for s in spans if s[2] == w and s[0] <= t < s[1]]
        seats_s[w] += seats
        now[host] += seats
        busy[w] += sum(1 for s in here if not s[4])
        lost[w] += sum(1 for s in here if s[4])
        if shut:
            waiting[w] += seats - len(here)
    for h in now:
        most[h] = max(most[h], now[h])
    most_all = max(most_all, sum(now.values()))

took = [max(1, int(rng.lognormvariate(2, 1))) for _ in range(80)]


def replay(seats, lookback):
    at, next_turn, end, busy, total = 0, 0, [], 0, 0
    while next_turn < len(took):
        while next_turn < len(took) and sum(e > at for e in end) < seats and all(e <= at for e in end[:max(0, next_turn - lookback + 1)]):
            end.append(at + took[next_turn])
            next_turn += 1
        if next_turn < len(took):
            busy += sum(e > at for e in end)
            total += seats
        at += 1
    return 1 - busy / total if total else 0.0


print("/* Made by tests/golden/crew.py. */")
print(f"enum {{ LOOKBACK = {LOOKBACK}, LAST = {last} }};")
print("static const struct { const char *name, *host; int seats, came, left, done, lost; double seats_s, busy_s, lost_s,"
      " waiting_s; } golden_workers[] = {")
for w, (name, host, seats, came, _) in enumerate(WORKERS):
    done = sum(1 for s in spans if s[2] == w and not s[4])
    gone = sum(1 for s in spans if s[2] == w and s[4])
    print(f'    {{"{name}", "{host}", {seats}, {came}, {left[w]}, {done}, {gone}, {seats_s[w]}, {busy[w]}, {lost[w]}, {waiting[w]}}},')
print("};")
print("static const struct { int start, end, worker, number, lost; } golden_spans[] = {")
for i in range(0, len(spans), 5):
    print("    " + " ".join("{%d, %d, %d, %d, %d}," % s for s in spans[i:i + 5]))
print("};")
print(f"static const struct {{ const char *host; int most; }} golden_hosts[] = {{"
      + ", ".join(f'{{"{h}", {most[h]}}}' for h in "abc") + "};")
print(f"enum {{ MOST_SEATS = {most_all} }};")

# Trials dealt out to seats again, second by second; what is waited of them until the last begins.
print("static const int replay_seconds[] = {" + ", ".join(map(str, took)) + "};")
print("static const struct { int seats, lookback; double waited; } golden_replays[] = {" + ", ".join(
    "{%d, %d, %r}" % (s, w, replay(s, w)) for s, w in [(1, 1), (4, 4), (4, 6), (4, 64), (8, 8), (8, 12), (8, 20)]) + "};")
