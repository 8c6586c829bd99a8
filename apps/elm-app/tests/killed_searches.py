"""Kills whole searches at random moments, resumes each, and compares.

`uv run python apps/elm-app/tests/killed_searches.py MODE KILLS`: MODE is generations or steady_state, KILLS those of one run.
Every question and every evaluation leaves a line in a file that does not go through the store, so what the
store says is compared with what has happened.
"""

import collections
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import elm_store
from elm_protocols import UserError

SLOTS = 4
"""Children in flight in each lane, and children in a generation."""

MODES = {
    "generations": ("search=generations",),
    "steady_state": ("search=steady_state", f"search.mutations={SLOTS}", f"search.evaluations={SLOTS}"),
}


def elm_run(folder, *overrides):
    return subprocess.Popen(
        [sys.executable, "-m", "elm_app", *overrides],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def finished(process):
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 0, out
    return out


def individuals(folder):
    """Return what the run in `folder` has on record; nothing while there is no run."""
    for path in folder.glob("runs/*/run.sqlite"):
        try:
            with elm_store.open(path) as run:
                return [(row.id, row.genotype, row.fitness, row.parents) for row in run.individuals()]
        except UserError:
            return []
    return []


def wait_for_more(folder, process, before, rng):
    """Wait until the search has recorded something new, or in one of five cases less long."""
    deadline = time.monotonic() + 60
    if rng.random() < 0.2:
        deadline = time.monotonic() + rng.uniform(0.2, 2)
    while time.monotonic() < deadline and len(individuals(folder)) <= before + rng.randrange(3):
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    time.sleep(rng.uniform(0, 0.1))


def main(mode, kills, seed=0):
    """Kill one run `kills` times, finish it, and return what was found."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        new = [
            *("env=letters", f"env.log={folder}/log", "env.pause=0.01"),
            *("operator=one_letter", f"operator.log={folder}/log", "operator.pause=0.02"),
            *("executor.workers=2", f"qd.batch_size={SLOTS}", "budget.seconds=600", *MODES[mode]),
        ]
        known = []
        for _ in range(kills):
            runs = list(folder.glob("runs/*/run.sqlite"))
            options = [f"resume={runs[0].parent}"] if known else new
            if not known:  # killed before there was anything to continue
                for run in runs:
                    run.parent.rename(folder / f"before-{time.time()}")
            process = elm_run(folder, *options)
            wait_for_more(folder, process, len(known), rng)
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
            now = individuals(folder)
            assert now[: len(known)] == known, "something that was on record is missing"
            known = now
        (run,) = folder.glob("runs/*/run.sqlite")
        goal = len(known) + 2 * SLOTS
        finished(elm_run(folder, f"resume={run.parent}", f"budget.individuals={goal}"))
        assert individuals(folder)[: len(known)] == known
        assert "came out equal" in finished(elm_run(folder, f"replay={run.parent}"))
        return compare(folder, run, kills)


def compare(folder, run, kills):
    """Return figures; raise if more was asked or evaluated twice than was in flight at the kills."""
    before_replay = (folder / "log").read_text().splitlines()
    asked = collections.Counter(line for line in before_replay if line.startswith("asked"))
    with elm_store.open(run) as opened:
        replies = sum("request" in entry.request for entry in opened.journal)
        told = len(opened)
        sessions = len(opened.sessions)
    lost = sum(asked.values()) - replies
    assert 0 <= lost <= kills * SLOTS, (lost, kills)
    evaluated = sum(line.startswith("evaluated") for line in before_replay)
    again = evaluated - 2 * told  # the replay evaluates each child once more
    assert again <= (kills + 1) * SLOTS, (again, kills)
    return {
        "kills": kills,
        "sessions": sessions,
        "individuals": told,
        "asked": sum(asked.values()),
        "asked, reply lost in flight": lost,
        "evaluated, lost in flight": again,
    }


if __name__ == "__main__":
    print(sys.argv[1], main(sys.argv[1], int(sys.argv[2])), flush=True)
