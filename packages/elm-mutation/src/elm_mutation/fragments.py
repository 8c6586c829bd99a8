"""Grammars for fragments of a program: only names in scope of the right kind, and real calls."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from elm_mutation.grammar import Number, Rule, Text, chain, choice
from elm_mutation.interface import Function, Parameter
from elm_mutation.kinds import NUMBERS, Kinds, Names, element_of
from elm_mutation.scopes import Scope

_LOOP_NAMES = ("i", "k", "n", "m", "t", "u")
_MATH_CALLS = ("sin", "cos", "sqrt")
_MOST_NAMES = 24  # per kind; keeps grammars small in programs with many variables


@dataclass(frozen=True, slots=True)
class Fragments:
    """Writes the grammars of fragments that fit one place of a program.

    Attributes:
        kinds: What is known of the program.
        names: The names bound at the place, with their kinds.
        digits: Most digits of a number before the point.
        fraction: Most digits of a number after the point.
        strings: Texts that a `str` may be.
        scope: Function that the place is in.
    """

    kinds: Kinds
    names: Names
    digits: int = 2
    fraction: int = 2
    strings: tuple[str, ...] = ()
    scope: Scope = field(default_factory=Scope)

    def number(self, kind: str) -> Rule:
        """Return the rule of a literal number of kind `int` or `float`."""
        return Number(self.digits, 0 if kind == "int" else self.fraction, negative=kind == "float")

    def expression(self, kind: str) -> Rule | None:
        """Return the rule of an expression of a kind; None where nothing of that kind can be written."""
        if kind in NUMBERS:
            return self._arithmetic(kind)
        if kind == "bool":
            return choice(["True", "False", *self._names_of("bool")])
        if kind == "str":
            literals = [repr(text) for text in self.strings]
            return _choice_or_none([*self._names_of("str"), *literals])
        if kind.startswith("Literal["):
            values = ast.literal_eval(kind.removeprefix("Literal").join("()"))
            return choice([repr(value) for value in values])
        if kind.startswith("list["):
            return self._list(kind)
        return self._object(kind)

    def arguments(self, parameters: Sequence[Parameter]) -> Rule | None:
        """Return the rule of the arguments for parameters, comma-separated, without the brackets.

        All parameters get one, or only those that must: the grammar offers both.
        """
        rules: list[Rule] = []
        for parameter in parameters:
            rule = self.expression(parameter.kind)
            if rule is None:
                if not parameter.optional:
                    return None
                break
            rules.append(rule)
        needed = sum(not parameter.optional for parameter in parameters)
        full = _separated(rules)
        if needed == len(rules):
            return full
        return choice([(3.0, full), (1.0, _separated(rules[:needed]))])

    def call(self, prefix: str, function: Function) -> Rule | None:
        """Return the rule of a whole call; None where an argument cannot be written."""
        arguments = self.arguments(function.parameters)
        return None if arguments is None else chain(f"{prefix}(", arguments, ")")

    def statement(self) -> Rule | None:
        """Return the rule of one statement on one line: calls that do something, assignments, small loops."""
        simple = list(self._simple_statements())
        loop = next((name for name in _LOOP_NAMES if name not in self.names), None)
        options = [(3.0, rule) for rule in simple]
        if loop is not None and simple:
            inside = replace(self, names={**self.names, loop: "int"})
            calls = list(inside._effects())
            if calls:
                bound = Number(1, 0, negative=False)
                body = choice([(1.0, rule) for rule in calls])
                options.append((1.0, chain(f"for {loop} in range(", bound, "): ", body)))
        return _choice_or_none(options)

    def _simple_statements(self) -> Iterable[Rule]:
        yield from self._effects()
        for name, kind in self.names.items():
            if kind in NUMBERS and name not in self.scope.inherited:
                yield chain(f"{name} = ", self._arithmetic(kind))
        yield from self._new_objects()

    def _effects(self) -> Iterable[Rule]:
        """Calls that may change something: of methods with parameters, and additions to lists.

        A method whose result is a handle is left out: nothing would hold it.
        """
        for name, method in self._methods():
            if self._handle(method) not in self.kinds.handles.values():
                yield from _known([self.call(f"{name}.{method.name}", method)])
        for name, kind in self.names.items():
            element = element_of(kind)
            if element and element not in NUMBERS:
                rule = self.expression(element)
                yield from _known([rule and chain(f"{name}.append(", rule, ")")])
            function = self.kinds.function_of_kind(kind) if kind.startswith("def ") else None
            if function and function.parameters and function.name not in self.scope.recursive:
                yield from _known([self.call(name, function)])

    def _new_objects(self) -> Iterable[Rule]:
        """Assignments of what a method returns to a name that is not in use, and a call that uses it."""
        for owner, method in self._methods():
            call = self.call(f"{owner}.{method.name}", method) if method.returns not in ("", "None") else None
            if call is None:
                continue
            new = self._free_name(method)
            made = chain(f"{new} = ", call)
            uses = [chain(made, "; ", use) for use in self._uses(new, self._handle(method))]
            yield choice([(1.0, use) for use in uses]) if uses else made

    def _uses(self, new: str, kind: str) -> Iterable[Rule]:
        """Calls of methods with a new object for their first parameter of its kind."""
        for owner, method in self._methods():
            fits = [index for index, parameter in enumerate(method.parameters) if parameter.kind == kind]
            rules = [self.expression(parameter.kind) for parameter in method.parameters]
            if fits:
                rules[fits[0]] = Text(new)
            if fits and None not in rules:
                yield chain(f"{owner}.{method.name}(", _separated([*_known(rules)]), ")")

    def _methods(self) -> Iterable[tuple[str, Function]]:
        """Methods with parameters that can be called, each with the name of its object."""
        for name, kind in self.names.items():
            owner = self.kinds.interface.classes.get(kind)
            for method in owner.methods.values() if owner else ():
                if method.parameters:
                    yield name, self.kinds.refined(method)

    def _handle(self, method: Function) -> str:
        return f"int of {method.name}" if method.returns == "int" else method.returns

    def _free_name(self, method: Function) -> str:
        stem = method.name.rsplit("_", 1)[-1][:1].lower() or "x"
        return next(name for index in range(10**6) if (name := f"{stem}{index}") not in self.names)

    def _arithmetic(self, kind: str) -> Rule:
        options: list[tuple[float, Rule | str]] = [(4.0, self.number(kind))]
        names = self._numbers_of(kind)
        if names:
            name = choice([(1.0, name) for name in names])
            operand = choice([(1.0, self.number(kind)), (1.0, name)])
            operator = choice([" + ", " - ", " * "] + ([" / "] if kind == "float" else []))
            options += [(2.0, name), (2.0, chain(name, operator, operand))]
        if kind == "float" and names and self.names.get("math") == "module math":
            angle = choice([(1.0, name) for name in names])
            function = choice([f"math.{name}(" for name in _MATH_CALLS[:2]])
            options.append((1.0, chain(self.number("float"), " * ", function, angle, ")")))
        return choice(options)

    def _numbers_of(self, kind: str) -> list[str]:
        names = self._names_of("int")
        return names if kind == "int" else [*names, *self._names_of("float")]

    def _object(self, kind: str) -> Rule | None:
        base = self.kinds.interface.bases.get(kind, "")
        options: list[tuple[float, Rule | str]] = [(1.0, name) for name in self._names_of(kind)]
        index = self._index()
        options += [(2.0, chain(f"{name}[", index, "]")) for name in self._names_of(f"list[{kind}]")]
        if not options and base in NUMBERS:
            options.append((1.0, self.number(base)))
        return _choice_or_none(options)

    def _index(self) -> Rule:
        names = self._names_of("int")
        options: list[tuple[float, Rule | str]] = [(1.0, text) for text in ("0", "1", "2", "3", "-1")]
        options += [(1.0, name) for name in names]
        options += [(0.5, f"{name} - 1") for name in names]
        return choice(options)

    def _list(self, kind: str) -> Rule | None:
        options: list[tuple[float, Rule | str]] = [(2.0, name) for name in self._names_of(kind)]
        element = self.expression(element_of(kind)) if element_of(kind) else None
        if element is not None:
            options += [(1.0, chain("[", _separated([element] * length), "]")) for length in (1, 2, 3)]
        return _choice_or_none(options)

    def _names_of(self, kind: str) -> list[str]:
        return [name for name, known in self.names.items() if known == kind and kind][-_MOST_NAMES:]


def _separated(rules: Sequence[Rule]) -> Rule:
    parts: list[Rule | str] = []
    for rule in rules:
        parts += [", ", rule] if parts else [rule]
    return chain(*parts)


def _choice_or_none(options: Sequence[tuple[float, Rule | str] | str]) -> Rule | None:
    return choice(options) if options else None


def _known(rules: Iterable[Rule | None]) -> Iterable[Rule]:
    return (rule for rule in rules if rule is not None)
