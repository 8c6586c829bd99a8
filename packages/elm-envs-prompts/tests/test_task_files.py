"""Tasks and domains as people write them; a mistake is one sentence that names the line."""

import json

import pytest

from elm_envs_prompts import load_domain, load_task
from elm_envs_prompts.text_domain import read_domain, with_labels, with_probabilities
from elm_protocols import UserError

TASK = """\
name: plurals
template: |
  {instruction}
  Word: {word}
fields:
  instruction: [Write a word.]
data: plurals.jsonl
expected: plural
examples: 1
stop: ["\\n"]
"""
ROWS = '{"word": "cat", "plural": "cats"}\n{"word": "ox", "plural": ["oxen", "oxes"]}\n'


@pytest.mark.parametrize("name", ["target_word", "antonyms", "animals", "arithmetic"])
def test_the_shipped_tasks_load_and_hold_examples_out(name):
    task = load_task(name)
    assert len(task.training) >= task.examples
    assert task.held_out
    inputs = [json.dumps(example.inputs) for example in (*task.training, *task.held_out)]
    assert len(set(inputs)) == len(inputs)
    fields = {field: texts[0] for field, texts in task.fields.items()}
    prompt = task.prompt(fields, task.training[0])
    assert all(value in prompt for value in (*fields.values(), *task.training[0].inputs.values()))
    assert prompt == prompt.rstrip()


def written(tmp_path, task=TASK, rows=ROWS, data="plurals.jsonl"):
    (tmp_path / "task.yaml").write_text(task)
    (tmp_path / data).write_text(rows)
    return str(tmp_path / "task.yaml")


def test_a_task_of_ones_own(tmp_path):
    task = load_task(written(tmp_path))
    assert task.name == "plurals"
    assert len(task.training) == len(task.held_out) == 1
    assert {example.expected for example in (*task.training, *task.held_out)} == {("cats",), ("oxen", "oxes")}
    assert task.stop == ("\n",)


def test_data_as_csv(tmp_path):
    rows = "word,plural\ncat,cats\nox,oxen|oxes\n"
    task = load_task(written(tmp_path, TASK.replace("jsonl", "csv"), rows, "plurals.csv"))
    assert ("oxen", "oxes") in [example.expected for example in (*task.training, *task.held_out)]


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("expected: plural", "", 1, "'expected' is missing"),
        ("examples: 1", "examples: one", 9, "whole number"),
        ("examples: 1", "examples: 2", 9, "1 training examples"),
        ("examples: 1", "exmples: 1", 9, "'exmples' is not known"),
        ("examples: 1", "score: best", 9, "exact, match"),
        ("examples: 1", "held_out: 1.5", 9, "between 0 and 1"),
        ("Word: {word}", "Word: {word", 2, "template cannot be read"),
        ("[Write a word.]", "[]", 6, "at least one text"),
        ("  instruction: [Write a word.]", "  tone: [warm]", 6, "'tone' is not in the template"),
        ("name: plurals", "name: [", 2, "not YAML"),
    ],
)
def test_a_mistake_in_a_task_names_the_line(tmp_path, old, new, line, told):
    path = written(tmp_path, TASK.replace(old, new, 1))
    with pytest.raises(UserError, match=rf"task\.yaml, line {line}: ") as raised:
        load_task(path)
    assert told in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    ("rows", "line", "told"),
    [
        (ROWS + "{", 3, "not JSON"),
        (ROWS + "[1]\n", 3, "a JSON object"),
        ('{"word": "cat"}\n' + ROWS, 1, "the column 'plural'"),
        (ROWS + '\n{"word": "fox", "plural": ""}\n', 4, "is empty"),
    ],
)
def test_a_mistake_in_the_data_names_the_line(tmp_path, rows, line, told):
    with pytest.raises(UserError, match=rf"plurals\.jsonl, line {line}: .*{told}"):
        load_task(written(tmp_path, rows=rows))


def test_a_short_row_of_csv_names_the_line(tmp_path):
    with pytest.raises(UserError, match=r"plurals\.csv, line 3: "):
        load_task(
            written(tmp_path, TASK.replace("jsonl", "csv"), "word,plural\ncat,cats\nox\n", "plurals.csv")
        )


def test_an_unknown_task_lists_those_there_are():
    with pytest.raises(UserError, match="animals, antonyms, arithmetic, target_word"):
        load_task("antonymes")


@pytest.mark.parametrize("name", ["poetry", "opinions", "stories"])
def test_the_shipped_domains_load(name):
    domain = load_domain(name)
    assert len({seed.text for seed in domain.seeds}) == len(domain.seeds) >= 4
    assert all(domain.heading(seed.labels) for seed in domain.seeds)


DOMAIN = """\
kind: note
title: A {mood} note
quality: {question: "Good?", sentences: ["{text} It is"], good: [good], bad: [bad]}
axes:
  - {name: mood, question: "Which mood?", sentences: ["{text} So"], labels: [glad, sad]}
seeds:
  - {mood: glad, text: What a day.}
"""


@pytest.mark.parametrize(
    ("old", "new", "line", "told"),
    [
        ("{mood} note", "{tone} note", 2, "may name {mood}"),
        ("A {mood} note", "'A {mood}: note'", 2, "colon"),
        ("[glad, sad]", "[glad]", 5, "two labels"),
        ("{mood: glad,", "{mood: mad,", 7, "'mad' is no label"),
        ('"{text} So"', '"So"', 5, "{text}"),
        ("kind: note", "kind: 3", 1, "a text"),
        ("  - {mood: glad, text: What a day.}", "  mood: glad", 7, "a list belongs here"),
    ],
)
def test_a_mistake_in_a_domain_names_the_line(tmp_path, old, new, line, told):
    path = tmp_path / "domain.yaml"
    path.write_text(DOMAIN.replace(old, new, 1))
    with pytest.raises(UserError, match=rf"domain\.yaml, line {line}: ") as raised:
        read_domain(path)
    assert told in str(raised.value)


def test_labels_by_option():
    domain = with_labels(load_domain("poetry"), ["tone: happy, furious"])
    assert domain.axes[1].names == ("happy", "furious")
    assert {seed.labels["tone"] for seed in domain.seeds} == {"happy"}
    with pytest.raises(UserError, match="genre, tone"):
        with_labels(domain, ["mood: a, b"])
    with pytest.raises(UserError, match="No seed"):
        with_labels(domain, ["tone: sad, furious"])


def test_probabilities_by_option():
    domain = with_probabilities(load_domain("poetry"), ["dark", "haiku"])
    assert [(axis.name, axis.names[0], axis.probability) for axis in domain.axes] == [
        ("tone", "dark", True),
        ("genre", "haiku", True),
    ]
    with pytest.raises(UserError, match="different axes"):
        with_probabilities(load_domain("poetry"), ["dark", "happy"])
