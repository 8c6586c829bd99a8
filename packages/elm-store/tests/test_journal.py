"""Replies and evaluations are on record before the step that they belong to."""

import math
import threading
from pathlib import Path

import pytest

import elm_store
from elm_protocols import Evaluation, Offspring


@pytest.fixture
def store(tmp_path):
    with elm_store.create(tmp_path, config={}) as store:
        yield store


REQUEST = {"model": "m", "prompt": "def f():", "seed": 3, "temperature": 0.8}


def test_a_reply_is_found_by_request_and_draw(store):
    assert store.journal.find(REQUEST, 0) is None
    assert store.journal.record(REQUEST, 0, {"text": "a", "tokens": 5}) == {"text": "a", "tokens": 5}
    store.journal.record(REQUEST, 1, {"text": "b"})
    same = dict(reversed(REQUEST.items()))
    with elm_store.open(store.path) as run:
        for journal in (store.journal, run.journal):
            assert journal.find(same, 0) == {"text": "a", "tokens": 5}
            assert journal.find(same, 1) == {"text": "b"}
            assert journal.find(same, 2) is None
            assert journal.find({**REQUEST, "seed": 4}, 0) is None
        assert len(run.journal) == 2
        assert [(entry.request, entry.draw) for entry in run.journal] == [(REQUEST, 0), (REQUEST, 1)]


def test_the_first_reply_stands(store):
    store.journal.record(REQUEST, 0, {"text": "first"})
    assert store.journal.record(REQUEST, 0, {"text": "second"}) == {"text": "first"}
    assert store.journal.find(REQUEST, 0) == {"text": "first"}


def test_many_threads_record_while_steps_are(store, plain_step):
    def record(thread):
        for index in range(50):
            store.journal.record({"thread": thread, "index": index}, 0, {"text": f"{thread}:{index}"})

    threads = [threading.Thread(target=record, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for index in range(50):
        store.on_step(plain_step(index))
    for thread in threads:
        thread.join()
    with elm_store.open(store.path) as run:
        assert len(run.journal) == 400
        assert run.journal.find({"thread": 7, "index": 49}, 0) == {"text": "7:49"}
        assert run.next_step == 50


def everything_on_disk(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.iterdir())


def test_no_secret_reaches_the_disk(tmp_path, monkeypatch, plain_step):
    from dataclasses import replace

    monkeypatch.setenv("PROVIDER_API_KEY", "value-of-the-environment")
    config = {
        "model": {"api_key": "value-in-the-config", "base_url": "https://me:value-in-a-url@host/v1"},
        "max_tokens": 64,
    }
    request = {
        "headers": {"Authorization": "Bearer value-in-a-header"},
        "messages": [{"role": "user", "content": "my key is value-of-the-environment"}],
        "note": "value-given-by-hand",
    }
    step = plain_step(0)
    failed = Offspring(genotype=None, status="model-error", feedback="401: bad key value-in-the-config")
    said = Evaluation(status=failed.status, feedback=failed.feedback)
    step = replace(step, offspring=(failed, step.offspring[1]), evaluations=(said, step.evaluations[1]))
    with elm_store.create(tmp_path, config=config, secrets=["value-given-by-hand"]) as store:
        store.journal.record(request, 0, {"text": "you said value-of-the-environment"})
        store.on_step(step)
        store.finish("refused value-in-the-config")
        assert store.journal.find(request, 0) == {"text": "you said [redacted]"}
        assert b"value-" not in everything_on_disk(tmp_path)
    assert b"value-" not in everything_on_disk(tmp_path)
    with elm_store.open(tmp_path) as run:
        assert run.config == {
            "model": {"api_key": "[redacted]", "base_url": "https://[redacted]@host/v1"},
            "max_tokens": 64,
        }
        assert run.individual(0).offspring_feedback == "401: bad key [redacted]"
        assert run.individual(0).feedback == "401: bad key [redacted]"


def test_another_key_finds_the_same_reply(tmp_path, monkeypatch):
    monkeypatch.setenv("PROVIDER_API_KEY", "the-old-key")
    with elm_store.create(tmp_path, config={}) as store:
        store.journal.record({"api_key": "the-old-key", "prompt": "p"}, 0, {"text": "a"})
    monkeypatch.setenv("PROVIDER_API_KEY", "the-new-key")
    with elm_store.resume(tmp_path) as store:
        assert store.journal.find({"api_key": "the-new-key", "prompt": "p"}, 0) == {"text": "a"}


@pytest.mark.parametrize("key", ["max_tokens", "eos_token", "tokens", "key", "author", "keyboard", "monkey"])
def test_what_is_no_secret_stays(tmp_path, key):
    with elm_store.create(tmp_path, config={key: "</s>"}) as store, elm_store.open(store.path) as run:
        assert run.config == {key: "</s>"}


def test_an_evaluation_survives_until_its_step_is_recorded(tmp_path, plain_step):
    step = plain_step(0)
    done = Evaluation(fitness=1.5, measures=(0.1, 2.0), artifacts={"a": [1]}, seconds=3.0)
    failed = Evaluation(status="timeout", feedback="5 s")
    with elm_store.create(tmp_path, config={}) as store:
        store.evaluations.record(step.offspring[0].genotype, done)
        store.evaluations.record({"of": "another step"}, failed)
    with elm_store.resume(tmp_path) as store:
        assert store.evaluations.find(step.offspring[0].genotype) == done
        assert store.evaluations.find(step.offspring[1].genotype) is None
        other = store.evaluations.find({"of": "another step"})
        assert (other.status, other.feedback) == ("timeout", "5 s")
        assert math.isnan(other.fitness)
        store.on_step(step)
        assert store.evaluations.find(step.offspring[0].genotype) is None
        assert store.evaluations.find({"of": "another step"}) == other
