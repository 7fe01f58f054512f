"""What the Python peers have in common: the clock, and how a job is called."""

import os
import sys
import time

CANNOT = 3


def took(work):
    """The last line of a peer: milliseconds of the work, wall and processor."""
    wall, cpu = time.monotonic(), time.process_time()
    work()
    wall, cpu = time.monotonic() - wall, time.process_time() - cpu
    print("took %.3f %.3f" % (wall * 1000, cpu * 1000))


def put(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="utf-8") as f:
        f.write(text)


def main(jobs):
    job = jobs.get(sys.argv[1])
    if not job:
        sys.exit(CANNOT)
    job(*sys.argv[2:])
