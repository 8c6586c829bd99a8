"""What a page over a large run reads: short records, tallies, children, the journal from some entry on."""

from collections import Counter
from dataclasses import replace

import pytest

import elm_store
from elm_protocols import Addition, AddStatus, Evaluation, Offspring


@pytest.fixture
def run(tmp_path, plain_step):
    with elm_store.create(tmp_path / "run", config={}) as store:
        for index in range(4):
            step = plain_step(index)
            if index == 2:  # ids 4 and 5: no child, and a valid one that the archive does not take
                step = replace(
                    step,
                    offspring=(
                        Offspring(genotype=None, status="synt\udc80x", parents=(2, 1)),
                        step.offspring[1],
                    ),
                    evaluations=(Evaluation(status="no-child"), step.evaluations[1]),
                    additions=(Addition(4, AddStatus.INVALID), Addition(5, AddStatus.REJECTED, niche=5)),
                )
            store.on_step(step)
        for draw in range(3):
            store.journal.record({"ask": draw}, 0, {"text": str(draw)})
        with elm_store.open(store.path) as run:
            yield run


def test_summaries_agree_with_the_records(run):
    assert [short.id for short in run.added()] == [0, 1, 2, 3, 6, 7]
    assert [short.id for short in run.added(3)] == [3, 6, 7]
    for short in run.added():
        record = run.individual(short.id)
        for name in (
            "step",
            "parents",
            "operator",
            "fitness",
            "measures",
            "addition",
            "niche",
            "improvement",
        ):
            assert getattr(short, name) == getattr(record, name)


def test_the_latest_come_first_and_can_be_chosen(run):
    assert [short.id for short in run.latest(3)] == [7, 6, 5]
    assert [short.id for short in run.latest(3, before=5)] == [4, 3, 2]
    (lost,) = run.latest(9, operator="")[3:4]
    assert (lost.id, lost.cause, lost.addition, lost.measures) == (4, "synt\udc80x", "invalid", ())
    assert [short.id for short in run.latest(9, cause="ok", before=6)] == [5, 3, 2, 1, 0]
    assert run.latest(9, operator="diff") == []


def test_children_are_those_that_name_the_parent(run):
    assert [child.id for child in run.children(1, 10)] == [2, 4]
    assert [child.id for child in run.children(1, 1)] == [2]
    assert run.children(7, 10) == []


def test_tallies_count_every_individual_once(run):
    tallies = run.tallies(3)
    counted = Counter()
    for tally in tallies:
        counted[tally.interval] += tally.individuals
    assert counted == {0: 3, 1: 3, 2: 2}
    assert sum(tally.prompt_tokens for tally in tallies) == run.usage.prompt_tokens == 7 * 200
    assert sum(tally.improvement for tally in tallies) == sum(short.improvement for short in run.added())
    assert {tally.cause for tally in tallies} == {"ok", "synt\udc80x"}


def test_discarded_draws_are_summed(run):
    assert run.lost_draws() == {"syntax": 7}


def test_history_can_be_thinned_out(run):
    assert [summary.step for summary in run.history(3)] == [0, 3]
    assert len(list(run.history())) == 4


def test_the_journal_is_read_from_some_entry_on(run):
    assert [entry.reply["text"] for entry in run.journal.entries(1)] == ["1", "2"]
    assert [entry.reply["text"] for entry in run.journal.entries(1, 2)] == ["1"]
    assert len(list(run.journal)) == 3
