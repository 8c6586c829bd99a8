"""Reading a run with pandas: how it went, what each operator brought, and where the best one comes from.

pip install elm-store pandas
elm-run env=string_evolution budget.individuals=500     # or any other run
python examples/read_a_run.py runs/RUN
"""

import sys
from pathlib import Path

import pandas

import elm_store


def newest_run(folder: Path) -> Path:
    return max(folder.glob("*/run.sqlite"), key=lambda file: file.stat().st_mtime)


with elm_store.open(sys.argv[1] if len(sys.argv) > 1 else newest_run(Path("runs"))) as run:
    print(f"{run.config['env']['name']}: {run.status}, {run.statistics.individuals} individuals")

    history = pandas.DataFrame(run.history())  # a row a step
    print("\nQD score and best fitness as it went")
    print(
        history[["individuals", "filled", "qd_score", "best"]].iloc[:: max(1, len(history) // 5)].to_string()
    )

    frame = pandas.DataFrame(run.individuals())  # a row an individual, failed ones included
    print("\nwhat became of the children of each operator")
    print(pandas.crosstab(frame.operator.replace("", "none"), frame.addition).to_string())
    print("\nlost children by cause")
    lost = frame.status[frame.status != "ok"]
    print(lost.value_counts().to_string() if len(lost) else "none")

    best = run.elites()[0]
    line = run.lineage(best.id)  # it and all its ancestors, oldest first
    print(f"\nthe best, individual {best.id}, after {len(line) - 1} ancestors")
    for record in line[-5:]:
        print(f"  {record.id:6} {record.operator or 'none':14} fitness {record.fitness:.3f}")
    print(best.genotype)
