"""Forks writers of one run, kills each after a while, and prints what the file then holds as JSON lines.

Forking is why this is a script: a new interpreter for each of a hundred writers would take a minute.
"""

import json
import os
import random
import signal
import struct
import sys
import time
from pathlib import Path

from conftest import plain_step

import elm_store
from elm_protocols import UserError


def write_without_end(folder, size, acknowledge):
    try:
        store = elm_store.resume(folder)
    except UserError:  # killed before there was a run
        store = elm_store.create(folder, config={"size": size})
    while True:
        index = store.next_step
        store.journal.record({"prompt": index}, 0, {"text": f"reply {index}"})
        store.on_step(plain_step(index, size))
        acknowledge(index)


def kill_a_writer(folder, size, rng):
    """Return the last step that the writer's store acknowledged, -1 if none.

    One in four is killed while it opens or creates the run, the others at work.
    """
    reading, writing = os.pipe()
    writer = os.fork()
    if not writer:
        os.close(reading)
        write_without_end(folder, size, lambda index: os.write(writing, struct.pack("<q", index)))
    os.close(writing)
    with os.fdopen(reading, "rb", buffering=0) as acknowledged:
        said = b""
        if rng.random() < 0.25:
            time.sleep(rng.uniform(0.0, 0.05))
        else:
            for _ in range(rng.randrange(1, 20)):
                said = acknowledged.read(8)
            time.sleep(rng.uniform(0.0, 0.003))
        os.kill(writer, signal.SIGKILL)
        os.waitpid(writer, 0)
        said += acknowledged.readall()
    return struct.unpack("<q", said[-8:])[0] if said else -1


def what_is_there(folder, size, start):
    """Return the status, how much there is, and whether what is there from step `start` on is as written."""
    try:
        run = elm_store.open(folder)
    except UserError as error:
        return {"status": type(error).__name__, "steps": 0, "replies": 0, "as_written": True}
    with run:
        steps = list(run.steps(start))
        replies = len(run.journal)
        as_written = steps == [plain_step(start + n, size) for n in range(len(steps))] and all(
            run.journal.find({"prompt": index}, 0) == {"text": f"reply {index}"}
            for index in range(start, replies)
        )
        return {
            "status": run.status,
            "steps": run.next_step,
            "replies": replies,
            "as_written": as_written,
        }


def main(folder, size, kills, seed):
    rng = random.Random(seed)
    acknowledged = -1
    checked = 0
    for _ in range(kills):
        acknowledged = max(acknowledged, kill_a_writer(folder, size, rng))
        found = what_is_there(folder, size, checked)
        checked = max(0, found["steps"] - 1)
        print(json.dumps({"acknowledged": acknowledged, **found}), flush=True)
    print(json.dumps({"acknowledged": acknowledged, **what_is_there(folder, size, 0)}))


main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
