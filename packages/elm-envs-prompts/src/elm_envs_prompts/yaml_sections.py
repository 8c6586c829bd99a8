"""YAML files that people write, read with the line of every value, so that a mistake can be pointed at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, overload

import yaml  # type: ignore[import-untyped]

from elm_protocols import UserError

T = TypeVar("T", str, int, float)


@dataclass(frozen=True, slots=True)
class Section:
    """A mapping or list in a YAML file.

    Attributes:
        file: Where it stands, for messages.
        node: The YAML node.
    """

    file: str
    node: yaml.Node

    @property
    def line(self) -> int:
        """Number of its first line, from 1."""
        return int(self.node.start_mark.line) + 1

    def mistake(self, told: str) -> UserError:
        """Return the error for a mistake in this section."""
        return UserError(f"{self.file}, line {self.line}: {told}.")

    def require_keys(self, known: Sequence[str]) -> None:
        """Raise a UserError if there is another key than these."""
        for name, value in self.items():
            if name not in known:
                raise Section(self.file, value.node).mistake(
                    f"'{name}' is not known here; there are {', '.join(known)}"
                )

    def items(self) -> Iterator[tuple[str, Section]]:
        """Yield the keys and what stands there."""
        if not isinstance(self.node, yaml.MappingNode):
            raise self.mistake("a mapping (name: value) belongs here")
        for key, value in self.node.value:
            yield str(key.value), Section(self.file, value)

    def entries(self) -> list[Section]:
        """Return the entries of a list."""
        if not isinstance(self.node, yaml.SequenceNode):
            raise self.mistake("a list belongs here")
        return [Section(self.file, value) for value in self.node.value]

    def find(self, name: str) -> Section | None:
        """Return what stands at a key, or None."""
        return next((value for key, value in self.items() if key == name), None)

    def require(self, name: str) -> Section:
        """Return what stands at a key that must be there."""
        found = self.find(name)
        if found is None:
            raise self.mistake(f"'{name}' is missing")
        return found

    @overload
    def value(self, name: str, kind: type[T]) -> T: ...

    @overload
    def value(self, name: str, kind: type[T], default: T) -> T: ...

    def value(self, name: str, kind: type[T], default: T | None = None) -> T:
        """Return the value at a key, checked; without a default it must be there."""
        found = self.find(name)
        if found is None and default is not None:
            return default
        section = found or self.require(name)
        value = section.plain()
        if kind is float and type(value) is int:
            value = float(value)
        if type(value) is not kind:
            raise section.mistake(f"'{name}' must be {_KINDS[kind]}, not {value!r}")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the text or list of texts at a key that must be there; at least one, none empty."""
        section = self.require(name)
        entries = section.entries() if isinstance(section.node, yaml.SequenceNode) else [section]
        texts = [entry.plain() for entry in entries]
        for entry, text in zip(entries, texts, strict=True):
            if not isinstance(text, str) or not text:
                raise entry.mistake(f"'{name}' needs texts that are not empty, not {text!r}")
        if not texts:
            raise section.mistake(f"'{name}' needs at least one text")
        return tuple(texts)

    def plain(self) -> Any:
        """Return the section as plain Python values."""
        loader = yaml.SafeLoader("")
        try:
            return loader.construct_document(self.node)
        finally:
            loader.dispose()


_KINDS = {str: "a text", int: "a whole number", float: "a number"}


def read_yaml(path: Path) -> Section:
    """Return the file's mapping.

    Raises:
        UserError: The file cannot be read, is no YAML, or holds no mapping; the line is named.
    """
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"The file '{path}' cannot be read: {error}.") from error
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise UserError(f"{path}, line {line}: this is not YAML: {error.problem}.") from error
    if node is None:
        raise UserError(f"{path}, line 1: the file is empty.")
    section = Section(str(path), node)
    if not isinstance(node, yaml.MappingNode):
        raise section.mistake("a mapping (name: value) belongs here")
    return section


def packaged_or_own(name: str, folder: Path, option: str) -> Path:
    """Return the shipped YAML file of a name, or the user's own file.

    Raises:
        UserError: If there is neither.
    """
    shipped = sorted(path.stem for path in folder.glob("*.yaml"))
    if name in shipped:
        return folder / f"{name}.yaml"
    if Path(name).expanduser().is_file():
        return Path(name).expanduser()
    raise UserError(f"Option '{option}' is one of {', '.join(shipped)}, or the path of a file, not '{name}'.")
