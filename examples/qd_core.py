"""The QD core alone: the most valuable load of a rucksack for every weight and every number of things.

    pip install 'elm-qd[plot]'
    python examples/qd_core.py

There is no environment and no search loop here, only an archive: ask it for parents, add children.
"""

from pathlib import Path

import numpy as np

from elm_protocols import BehaviorSpace, ContinuousAxis
from elm_qd import GridArchive
from elm_qd.plot import plot_archive

THINGS = [(1.2, 9.0), (0.4, 3.5), (2.5, 11.0), (0.9, 4.0), (3.1, 20.0), (0.3, 1.0), (1.7, 12.5), (0.6, 5.5)]
"""(weight in kg, value) of each thing; a load holds each of them up to three times."""

space = BehaviorSpace((ContinuousAxis("weight", 0, 20, unit="kg"), ContinuousAxis("things", 0, 24)))
archive = GridArchive(space, bins=(20, 24))
rng = np.random.default_rng(0)

load = {"counts": [0] * len(THINGS)}  # a genotype is any JSON value
for _ in range(20_000):
    counts = list(load["counts"])
    counts[rng.integers(len(counts))] = int(rng.integers(4))
    weight = sum(count * thing[0] for count, thing in zip(counts, THINGS, strict=True))
    value = sum(count * thing[1] for count, thing in zip(counts, THINGS, strict=True))
    archive.add_one({"counts": counts}, value, (weight, sum(counts)))
    (elite,) = archive.individuals([rng.integers(len(archive))])  # the parent of the next child
    load = elite.genotype

figures = archive.statistics()
print(f"{figures.filled} of {figures.niches} niches filled, QD score {figures.qd_score:.0f}")
light = max((elite for elite in archive.elites() if elite.measures[0] < 5), key=lambda elite: elite.fitness)
print(f"the best below 5 kg: {light.genotype['counts']}, worth {light.fitness:g}")
plot_archive(archive, Path("rucksacks.png"))
print("rucksacks.png shows the archive")
