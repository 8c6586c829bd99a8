"""How long a person waits for a run of many individuals: the first view and a click, in Chromium.

    uv run --with playwright python apps/elm-viewer/benchmarks/large_run.py 100000

Makes a run in a temporary folder (each individual a step of its own, with a program of 770 characters and a
reply of the journal, a grid of 50 x 50), starts `elm-viewer` on it, and measures in the page:
the first view from the request for the page to the drawn map; a click on an elite to its drawn program and
walker's stage or picture; the other views until they are drawn. The server is a fresh process each time.
"""

import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import sync_playwright

import elm_store
from elm_protocols import BehaviorSpace, ContinuousAxis, Evaluation, Offspring, Origin, Step, Usage
from elm_qd import MAPElites

PROGRAM = "def grow(x):\n" + "    x = x * 1.0001 + 3  # a step further\n" * 18 + "    return x + {number}\n"
ROUNDS = 5
CLICKS = 9


def record(folder, individuals):
    """Write the run."""
    rng = np.random.default_rng(0)
    space = BehaviorSpace((ContinuousAxis("size", 0.0, 1.0), ContinuousAxis("speed", 0.0, 1.0)))
    algorithm = MAPElites(space, rng, bins=(50, 50))
    config = {"env": {"name": "synthetic"}, "qd": {"name": "mapelites", "bins": [50, 50]}}
    points = rng.normal(0.5, 0.18, (individuals, 2)).clip(0, 1)
    lost = rng.random(individuals) < 0.2
    with elm_store.create(folder, config=config, behavior_space=space) as store:
        for number in range(individuals):
            text = PROGRAM.format(number=number)
            origin = Origin("infill", "a-model", f"{number:064x}", Usage(1, 300, 40, 0.5))
            parents = (max(0, number - int(rng.integers(1, 500))),) if number else ()
            offspring = (Offspring(genotype=text, parents=parents, origin=origin),)
            fitness = float(rng.normal() + number / individuals)
            valid = Evaluation(fitness=fitness, measures=tuple(points[number].tolist()), seconds=0.01)
            evaluation = (Evaluation(status="timeout") if lost[number] else valid,)
            request = {"by": {"operator": "infill"}, "request": {"parents": [], "seed": number}}
            store.journal.record(request, 0, {"text": text, "origin": {"prompt_hash": f"{number:064x}"}})
            additions = tuple(algorithm.tell(offspring, evaluation))
            store.on_step(Step(number, offspring, evaluation, additions, algorithm.statistics()))
        store.finish("individuals")


WATCH = """() => {
    const side = document.querySelector(".side");
    const before = side.dataset.shown ?? "";
    const twoFramesOn = (act) => requestAnimationFrame(() => requestAnimationFrame(act));
    window.took = new Promise((done) => {
        const note = () => { window.clicked = performance.now(); };
        addEventListener("click", note, {capture: true, once: true});
        new MutationObserver((_, watcher) => {
            if ((side.dataset.shown ?? "") === before || !side.querySelector(".program")) return;
            watcher.disconnect();
            twoFramesOn(() => done(performance.now() - window.clicked));
        }).observe(side, {childList: true, subtree: true, attributes: true});
    });
}"""
"""Notes how long the individual of a click takes to be drawn: to two frames after its program is there."""


def places(box):
    """Return points across the middle of the map."""
    return [
        (box["x"] + (0.3 + 0.05 * i) * box["width"], box["y"] + (0.35 + 0.03 * i) * box["height"])
        for i in range(CLICKS)
    ]


def measure(folder, browser):
    """Return seconds by what was waited for, of one fresh server and one fresh page."""
    command = [str(Path(sys.executable).with_name("elm-viewer")), str(folder), "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    page = browser.new_page(viewport={"width": 1400, "height": 900})
    try:
        return measured(page, re.search(r"http://\S+", server.stdout.readline()).group())
    finally:
        page.close()
        server.terminate()
        server.wait()


def measured(page, address):
    """Walk through the page (which forbids eval, and so Playwright's wait_for_function)."""
    begun = time.perf_counter()
    page.goto(address)
    page.locator(".figures", has_text="niches filled").wait_for()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    seconds = {"first view": [time.perf_counter() - begun], "click": []}
    for across, up in places(page.locator(".map").bounding_box()):
        page.mouse.move(across, up)
        tip = page.locator(".tip")
        if tip.is_hidden() or "empty" in tip.inner_text():
            continue
        page.evaluate(WATCH)
        page.mouse.click(across, up)
        seconds["click"].append(page.evaluate("() => window.took") / 1000)
    for view, ready in (("progress", ".uplot"), ("individuals", "tbody tr")):
        begun = time.perf_counter()
        page.evaluate(f"() => {{ location.hash = '#view={view}'; }}")
        page.wait_for_selector(ready)
        seconds[view] = [time.perf_counter() - begun]
    return seconds


def main(individuals):
    """Print medians and worst."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.perf_counter()
        record(folder, individuals)
        size = (Path(folder) / "run.sqlite").stat().st_size
        print(
            f"{individuals} individuals, {size / 1e6:.0f} MB, recorded in {time.perf_counter() - begun:.0f} s"
        )
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            rounds = [measure(folder, browser) for _ in range(ROUNDS)]
            browser.close()
    for name in rounds[0]:
        values = [value for found in rounds for value in found[name]]
        print(
            f"{name:12} median {statistics.median(values):.3f} s, worst {max(values):.3f} s of {len(values)}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
