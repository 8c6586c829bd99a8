"""Ensembles, children seen before, and limits of spending, from outside."""

import re

import pytest

import elm_store

ENSEMBLE = ("executor.workers=1", "ensemble=bandit", "ensemble.pairs=[ast,random_infill]")


def children_of(tmp_path, done):
    with elm_store.open(tmp_path / done.directory) as run:
        return list(run.individuals()), run.reason, run.usage


def counted(out):
    return {name: int(count) for name, count in re.findall(r"^\| (\w+) +\| (\d+) ", out, re.M)}


def test_an_ensemble_ends_with_its_table_and_goes_on_with_it_when_resumed_and_replayed(elm_run, tmp_path):
    done = elm_run(*ENSEMBLE, "ensemble.weights={ast:3,random_infill:1}", "unseen=3", "budget.individuals=24")
    assert done.code == 0, done.err
    assert "95 % interval" in done.out
    children, _, _ = children_of(tmp_path, done)
    made = [child for child in children if child.operator != "seed"]
    assert {child.operator for child in made} == {"ast", "random_infill"}
    assert sum(counted(done.out).values()) == len(made)
    valid = [child.genotype for child in children if child.genotype is not None and child.parents]
    assert len(set(valid)) == len(valid)
    more = elm_run(f"resume={done.directory}", "budget.individuals=40")
    assert more.code == 0, more.err
    assert sum(counted(more.out).values()) == len(made) + 16
    whole = elm_run(
        *ENSEMBLE, "ensemble.weights={ast:3,random_infill:1}", "unseen=3", "budget.individuals=40"
    )
    assert [c.genotype for c in children_of(tmp_path, whole)[0]] == [
        c.genotype for c in children_of(tmp_path, more)[0]
    ]
    again = elm_run(f"replay={done.directory}")
    assert again.code == 0, again.err


@pytest.mark.parametrize(
    ("overrides", "told"),
    [
        (["ensemble.pairs=[]"], "at least one operator"),
        (["ensemble.pairs=[ast,ast]"], "none twice"),
        (["ensemble.pairs=[nothing]"], "no operator=nothing"),
        (["ensemble.pairs=[infill@nothing]"], "no model=nothing"),
        (["ensemble.pairs=[ast]", "ensemble.weights={random_infill:1}"], "none of the operators"),
        (["ensemble.options={infill:{drawz:1}}"], "drawz"),
        (["ensemble.options={infill:{draws:x}}"], "could not be converted"),
        (["ensemble.options=3"], "of the form"),
        (["model=ast"], "'infill' needs a model"),
        (["unseen=-1", "ensemble.pairs=[ast]"], "at least 0"),
        (["budget.money=1"], "needs prices"),
        (["budget.prices={chat:[1]}"], "two prices"),
        (["budget.prices={embedded:[-1,0]}"], "0 or more"),
    ],
)
def test_what_cannot_be_is_one_sentence(elm_run, overrides, told):
    done = elm_run("ensemble=bandit", *overrides)
    assert done.code == 2
    assert told in done.err
    assert len(done.err.strip().splitlines()) == 1


def test_a_run_ends_when_its_requests_are_spent_and_counts_them_when_resumed(elm_run, tmp_path):
    words = ("ensemble=bandit", "ensemble.pairs=[infill@embedded,ast]", "executor.workers=1")
    done = elm_run(*words, "budget.requests=8", "budget.prices={embedded:[1,1]}")
    assert done.code == 0, done.err
    assert "Ended: budget (the budget of 8 requests is spent)." in done.out
    assert "Money spent:" in done.out
    _, reason, usage = children_of(tmp_path, done)
    assert 0 < usage.requests <= 8
    assert reason == "budget"
    more = elm_run(f"resume={done.directory}", "budget.requests=10")
    assert more.code == 0, more.err
    assert "Ended: budget" in more.out
    assert usage.requests <= children_of(tmp_path, more)[2].requests <= 10
