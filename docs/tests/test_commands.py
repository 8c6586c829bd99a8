"""Every elm-run command on the pages names components and options that there are."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from elm_app.components import GROUPS, announced, component
from elm_app.schema import BaseConfig, BudgetOptions, node

ROOT = Path(__file__).parents[2]
PAGES = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("packages/*/README.md")]
COMMAND = re.compile(r"\belm-run ((?:[^\n`\\#]|\\\n)+)")
ARGUMENT = re.compile(r"(?<=[ '])([a-z]+)(?:\.([a-z_]+))?=([a-z_0-9]*)")


def commands():
    return [
        (str(page.relative_to(ROOT)), match[1])
        for page in PAGES
        for match in COMMAND.finditer(page.read_text())
    ]


def options(group):
    return {option.name for name in announced(group) for option in fields(node(component(group, name)))}


def problems(command):
    for group, option, value in ARGUMENT.findall(f" {command}"):
        if group == "budget":
            known = option in {each.name for each in fields(BudgetOptions)}
        elif group in GROUPS:
            shortcuts = {"ast", "random", "none", "mine", "scale", "fences", ""}
            known = option in options(group) if option else value in {*announced(group), *shortcuts}
        else:
            known = group in BaseConfig.__annotations__
        if not known:
            yield f"{group}.{option}" if option else f"{group}={value}"


@pytest.mark.parametrize("page", sorted({page for page, _ in commands()}))
def test_the_commands_of_a_page_can_be_typed(page):
    assert [fault for name, command in commands() if name == page for fault in problems(command)] == []


def test_a_wrong_option_is_noticed():
    assert list(problems("env=sodarac env.terain=flat qd.seed=1 bins=3")) == [
        "env=sodarac",
        "env.terain",
        "bins=3",
    ]
