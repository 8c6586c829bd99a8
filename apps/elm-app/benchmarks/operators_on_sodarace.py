"""What the language model adds: infill against its control and the baseline, at equal time, several seeds.

    uv run python apps/elm-app/benchmarks/operators_on_sodarace.py [seconds of each search] [seeds]

Runs `elm-run` once for each operator and seed, one after another, and prints a table in Markdown. Leave the
machine alone meanwhile: the figures are for its idle cores.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import elm_store

OPERATORS = {"infill": "model=embedded", "random_infill": "model=random", "ast": "model=ast"}


@dataclass(frozen=True)
class Row:
    """One search."""

    operator: str
    seed: int
    children: int
    unique_valid: int
    seconds: float
    coverage: float
    qd_score: float
    best: float

    def markdown(self) -> str:
        cells = (
            self.operator,
            self.seed,
            self.children,
            f"{self.unique_valid / self.children:.0%}",
            f"{self.unique_valid / self.seconds:.2f}",
            f"{self.coverage:.1%}",
            f"{self.qd_score:.0f}",
            f"{self.best:.1f}",
        )
        return "| " + " | ".join(map(str, cells)) + " |"


def search(operator: str, seed: int, seconds: float, folder: Path) -> Row:
    """Run one search in `folder` and read its store."""
    subprocess.run(
        [
            sys.executable,
            "-m",
            "elm_app",
            OPERATORS[operator],
            f"qd.seed={seed}",
            f"budget.seconds={seconds}",
            f"runs={folder}",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    (directory,) = folder.iterdir()
    with elm_store.open(directory) as run:
        children = [row for row in run.individuals() if row.parents]
        figures = run.statistics
        valid = {row.genotype for row in children if row.addition != "invalid"}
    return Row(
        operator, seed, len(children), len(valid), seconds, figures.coverage, figures.qd_score, figures.best
    )


def main() -> None:
    """Print the table."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 150.0
    seeds = int(sys.argv[2]) if len(sys.argv) > 2 else 3
    print("| operator | seed | children | unique valid | unique valid/s | coverage | QD score | best |")
    print("|---|---|---|---|---|---|---|---|")
    for seed in range(seeds):
        for operator in OPERATORS:
            with tempfile.TemporaryDirectory() as folder:
                print(search(operator, seed, seconds, Path(folder)).markdown(), flush=True)


if __name__ == "__main__":
    main()
