"""`ELM`, the search tied to its configuration, in this process."""

import threading

import pytest

import elm_store
from elm_app import ELM
from elm_protocols import UserError


def letters(tmp_path, *overrides):
    return ELM(
        *("env=letters", "operator=one_letter", "executor=serial", "qd.batch_size=4"),
        f"runs={tmp_path}",
        *overrides,
    )


def test_a_search_is_run_continued_and_read(tmp_path, capsys):
    elm = letters(tmp_path, "budget.individuals=12")
    with pytest.raises(UserError, match="before the first run"):
        elm.elites()
    assert elm.run().reason == "individuals"
    assert elm.directory.parent == tmp_path
    assert elm.elites()[0].fitness == max(elite.fitness for elite in elm.elites())
    more = ELM.resume(elm.directory, "budget.individuals=20").run()
    assert more.statistics.individuals == 20
    with elm_store.open(elm.directory) as run:
        assert len(run) == 20
    assert elm.config["env"]["name"] == "letters"
    assert capsys.readouterr().out == ""


def test_it_runs_in_another_thread_than_the_main_one(tmp_path):
    elm, results = letters(tmp_path, "budget.individuals=4"), []
    thread = threading.Thread(target=lambda: results.append(elm.run()))
    thread.start()
    thread.join()
    assert results[0].reason == "individuals"


@pytest.mark.parametrize("word", ["resume=x", "fork=x", "step=1", "export=x"])
def test_what_the_command_does_is_refused(word):
    with pytest.raises(UserError, match="for the command elm-run"):
        ELM(word)
