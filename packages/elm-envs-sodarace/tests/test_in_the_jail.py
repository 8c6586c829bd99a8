"""Walker programs in the real sandbox: what a model may write, and what becomes of it."""

import numpy as np
import pytest
from sodarace_walkers import SEED_WALKERS

from elm_envs_sodarace import SEEDS, Sodarace
from elm_envs_sodarace.command import main
from elm_protocols import Completion, Origin
from elm_protocols.testing import check_environment
from elm_sandbox import Jail

HEAD = "from walker import walker_creator\nimport math\n\ndef make_walker():\n    wc = walker_creator()\n"


class Longer:
    """A scripted mutation model: adds a joint and a muscle before the walker is returned."""

    def generate(self, requests):
        more = "wc.add_muscle(0, wc.add_joint(-3, -2), 0.5, 1.0)\n    return wc.get_walker()"
        return [
            Completion(
                text=r.parents[0].replace("return wc.get_walker()", more), origin=Origin(operator="longer")
            )
            for r in requests
        ]


@pytest.fixture(scope="module")
def environment():
    jail = Jail(workers=1)
    yield Sodarace(Longer(), jail, duration=1.0)
    jail.close()


def test_it_keeps_the_promises_of_an_environment(environment):
    check_environment(environment, n=7)


def test_seeds_build_the_same_walkers_inside_as_outside(environment):
    built = dict(zip(SEEDS, environment.build_walkers(list(SEEDS.values())), strict=True))
    assert built == SEED_WALKERS


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("    return wc.get_walker()", "empty-walker"),
        ("    wc.add_joint(0, 0)\n    return wc.get_walker()", "one-joint"),
        ("    return None", "not-a-walker"),
        ("    return wc.get_walker", "not-a-walker"),
        ("    wc.add_joint('a', 0)\n    return wc.get_walker()", "error"),
        ("    wc.add_muscle(0, 1)\n    return wc.get_walker()", "error"),
        ("    wc.add_joint(0, 0)\n    wc.add_joint(math.nan, 0)\n    return wc.get_walker()", "not-finite"),
        ("    while True:\n        wc.add_joint(0, 0)", ("timeout", "memory")),
        (
            "    a, b = wc.add_joint(0, 0), wc.add_joint(5, 0)\n"
            "    for k in range(10000):\n        wc.add_muscle(a, b, 0.5, k)\n    return wc.get_walker()",
            "too-many-muscles",
        ),
        ("    return wc.get_walker(", "syntax"),
    ],
)
def test_a_bad_program_has_a_status_in_bounded_time(environment, body, status):
    (evaluation,) = environment.evaluate([HEAD + body])
    assert evaluation.status in ((status,) if isinstance(status, str) else status), evaluation
    assert evaluation.feedback
    assert np.isnan(evaluation.fitness)


def test_a_wrong_joint_is_explained(environment):
    (evaluation,) = environment.evaluate([HEAD + "    wc.add_muscle(0, 9)\n    return wc.get_walker()"])
    assert "0 is not the number of a joint" in evaluation.feedback


def test_the_command_runs_a_file_in_the_jail(tmp_path, capsys):
    path = tmp_path / "mine.py"
    path.write_text(SEEDS["wheel"])
    assert main(["validate", str(path)]) == 0
    assert capsys.readouterr().out == "ok: 14 joints, 28 muscles\n"
