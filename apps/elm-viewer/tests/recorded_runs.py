"""Runs for the tests: small, made without models, with what each view of the page needs."""

import base64
import struct
import zlib

import numpy as np

import elm_store
from elm_envs_sodarace import SEEDS
from elm_envs_sodarace.evaluation import Task, evaluate_walker
from elm_envs_sodarace.terrain import read_terrains
from elm_envs_sodarace.trusted_run import run_trusted
from elm_protocols import (
    BehaviorSpace,
    CategoricalAxis,
    ContinuousAxis,
    Evaluation,
    Offspring,
    Origin,
    Step,
    Usage,
)
from elm_qd import CVTMAPElites, GeneticAlgorithm, MAPElites

PLANE = BehaviorSpace((ContinuousAxis("size", 0.0, 10.0, "m"), ContinuousAxis("speed", 0.0, 1.0)))
PARENT = "import math\n\n\ndef grow(x):\n    y = x + 1  # a step\n    return math.sqrt(y)\n"


def png(shade):
    """Return the base64 text of a PNG of one shade, 8 x 8."""

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = b"".join(b"\x00" + bytes([shade]) * 8 for _ in range(8))
    parts = [
        chunk(b"IHDR", struct.pack(">IIBBBBB", 8, 8, 8, 0, 0, 0, 0)),
        chunk(b"IDAT", zlib.compress(rows)),
    ]
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + b"".join(parts) + chunk(b"IEND", b"")).decode()


class Recorder:
    """Writes a run step by step, with a real algorithm deciding what becomes of each individual."""

    def __init__(self, folder, qd=None, space=PLANE, env="test"):
        qd = qd or {"name": "mapelites", "bins": [5, 4]}
        options = {key: value for key, value in qd.items() if key != "name"}
        kind = {"mapelites": MAPElites, "cvtmapelites": CVTMAPElites, "genetic": GeneticAlgorithm}[qd["name"]]
        self.algorithm = kind(space, np.random.default_rng(0), **options)
        config = {"env": {"name": env}, "qd": qd, "operator": {"name": "infill"}}
        self.store = elm_store.create(folder, config=config, seeds={"search": 0}, behavior_space=space)
        self.step = 0

    def add(self, *pairs):
        """Record one step of (offspring, evaluation) pairs."""
        offspring, evaluations = zip(*pairs, strict=True)
        additions = self.algorithm.tell(offspring, evaluations)
        statistics = self.algorithm.statistics()
        self.store.on_step(Step(self.step, offspring, evaluations, tuple(additions), statistics))
        self.step += 1


def child(number, parents=(), text=None, operator="infill", prompt_hash=""):
    """Return a child that cost something."""
    origin = Origin(operator, "a-model", prompt_hash, Usage(1, 200, 12, 0.25), {"syntax": 1})
    return Offspring(
        genotype=PARENT.replace("+ 1", f"+ {number}") if text is None else text,
        parents=parents,
        origin=origin,
    )


def result(fitness, *measures, **artifacts):
    """Return a valid evaluation."""
    return Evaluation(
        fitness=fitness,
        measures=measures,
        feedback=f"It reached {fitness}.",
        artifacts=artifacts,
        seconds=0.01,
    )


def plain_run(folder, steps=12, qd=None, finish=True):
    """Record a run of two individuals a step, one of them lost now and then; the best is the last."""
    recorder = Recorder(folder, qd)
    for step in range(steps):
        first = 2 * step
        parents = (first - 2,) if step else ()
        good = result(1.0 + step, step * 10.0 / steps, (step % 4) / 4, png=png(20 * step % 256))
        lost = Evaluation(status="timeout", feedback="It ran too long.")
        poor = result(0.1 * step, 9.0, 0.9)
        recorder.add(
            (child(first, parents), good),
            (child(first + 1, parents, operator="diff"), lost if step % 3 else poor),
        )
    request = {
        "by": {"operator": {"name": "infill"}},
        "request": {"parents": [PARENT], "instruction": "Go on."},
    }
    recorder.store.journal.record(
        request, 0, {"text": PARENT.replace("+ 1", "+ 2"), "status": "ok", "origin": {"prompt_hash": ""}}
    )
    if finish:
        recorder.store.finish("steps")
    return recorder


def walker_run(folder):
    """Record real walkers on two terrains."""
    space = BehaviorSpace(
        (ContinuousAxis("height", 0, 100), ContinuousAxis("width", 0, 100), ContinuousAxis("mass", 0, 4000))
    )
    recorder = Recorder(folder, {"name": "mapelites", "bins": [4, 4, 3]}, space, "sodarace")
    task = Task(read_terrains("flat+bumpy"), 2.0, ("height", "width", "mass"))
    for name in ("square", "wheel"):
        program = SEEDS[name]
        recorder.add((child(0, text=program, operator="seed"), evaluate_walker(run_trusted(program), task)))
    recorder.store.finish("steps")
    return recorder


def categorical_run(folder):
    """Record poems over named categories, with a table of graded examples."""
    space = BehaviorSpace(
        (CategoricalAxis("genre", ("haiku", "ode", "limerick")), CategoricalAxis("tone", ("sad", "glad")))
    )
    recorder = Recorder(folder, {"name": "mapelites", "bins": []}, space, "qdaif")
    poem = "The sea is wide,\nthe moon is slow,\nand all the gulls have gone."
    examples = [
        {"question": "1 + 1", "answer": "2", "score": 1.0},
        {"question": "2 + 2", "answer": "5", "score": 0.0},
    ]
    recorder.add((child(0, text=poem), result(3.5, 0.0, 1.0, examples=examples, judge={"quality": 0.7})))
    recorder.add((child(1, (0,), text=poem.replace("slow", "low")), result(4.5, 2.0, 0.0, poem=poem)))
    recorder.store.finish("steps")
    return recorder
