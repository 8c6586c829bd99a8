"""Every example runs to its end, from a folder of its own, and prints what it promises."""

import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parents[1]


def run(name, folder, *arguments):
    done = subprocess.run(
        [sys.executable, EXAMPLES / name, *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_qd_core_fills_the_archive_and_draws_it(tmp_path):
    printed = run("qd_core.py", tmp_path)
    assert int(printed.split(" of 480 niches filled")[0]) > 150
    assert (tmp_path / "rucksacks.png").stat().st_size > 5000


def test_the_own_environment_finds_round_fences(tmp_path):
    printed = run("own_environment.py", tmp_path)
    assert float(printed.split("roundness ")[1].split()[0]) > 0.6  # the seed's is 0.51


def test_the_own_operator_lets_robots_go_further(tmp_path):
    printed = run("own_operator.py", tmp_path)
    assert "niches filled" in printed
    assert float(printed.split("farthest ")[1].split()[0]) > 10


def test_a_run_is_read_with_pandas(tmp_path):
    search = "from elm_app.command import main; main()"
    options = ["env=string_evolution", "executor=serial", "budget.individuals=200"]
    subprocess.run([sys.executable, "-c", search, *options], cwd=tmp_path, capture_output=True, check=True)
    (folder,) = (tmp_path / "runs").iterdir()
    named, newest = run("read_a_run.py", tmp_path, folder), run("read_a_run.py", tmp_path)
    assert named == newest
    assert named.startswith("string_evolution: finished, 200 individuals")
    assert "characters" in named


def test_poems_are_written_and_judged(tmp_path):
    printed = run("poetry_map.py", tmp_path, 6)  # four that are given, and two that the model writes
    assert "of 25 niches filled" in printed
    assert (tmp_path / "poetry.png").stat().st_size > 5000


def test_no_example_is_without_a_test():
    tested = Path(__file__).read_text()
    assert [file.name for file in sorted(EXAMPLES.glob("*.py")) if f'"{file.name}"' not in tested] == []
