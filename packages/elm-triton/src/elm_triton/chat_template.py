"""From messages to the one text that a chat model was trained on: its chat template.

Triton's text interfaces take text. The template is the model's own: `elm-triton export` puts it into the
model's configuration; for other repositories it is given as a file.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from elm_protocols import UserError
from elm_triton.served_model import ServedModel

TEMPLATE_PARAMETER = "chat_template"
"""Name of the configuration parameter that holds the template, as Jinja source."""
TOKENS_PARAMETER = "special_tokens"
"""Name of the configuration parameter that holds special tokens as a JSON object, such as `bos_token`."""


def render(template: str, messages: Sequence[Mapping[str, str]], tokens: Mapping[str, str]) -> str:
    """Return the prompt for a conversation, ending where the model is to speak.

    Args:
        template: Jinja source, as Hugging Face's tokenizers hold it (Transformers, "Chat templates").
        messages: Each with `role` and `content`.
        tokens: Special tokens that the template may name.

    Raises:
        UserError: The template cannot be read, or refuses the messages.
    """
    try:
        return _compiled(template).render(messages=messages, add_generation_prompt=True, **tokens)
    except jinja2.TemplateError as error:
        raise UserError(f"The model's chat template does not work on these messages: {error}.") from error


@lru_cache(maxsize=16)
def _compiled(template: str) -> jinja2.Template:
    # The sandbox and its settings are those that Transformers uses: templates are foreign code.
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=["jinja2.ext.loopcontrols"]
    )
    environment.globals["raise_exception"] = _refuse
    return environment.from_string(template)


def _refuse(message: str) -> None:
    raise jinja2.TemplateError(message)


def served_template(model: ServedModel) -> tuple[str, dict[str, str]]:
    """Return the template and special tokens in a served model's configuration.

    Raises:
        UserError: It has none.
    """
    template = model.parameters.get(TEMPLATE_PARAMETER, "")
    if not template:
        raise UserError(
            f"The model '{model.name}' does not tell its chat template: name a file with it (option "
            "chat_template), or prompt the model with plain text (chat=false, or TritonLLM)."
        )
    return template, json.loads(model.parameters.get(TOKENS_PARAMETER) or "{}")


def read_template(path: Path) -> tuple[str, dict[str, str]]:
    """Return the template and special tokens in a file or in a Hugging Face model directory.

    Args:
        path: A Jinja file, a `tokenizer_config.json`, or the directory that holds them.

    Raises:
        UserError: There is no template, or a file cannot be read.
    """
    template, tokens = find_template(path)
    if not template:
        raise UserError(
            f"There is no chat template in '{path}': name a Jinja file or a Hugging Face model directory."
        )
    return template, tokens


def find_template(path: Path) -> tuple[str, dict[str, str]]:
    """Return the same as `read_template`, but an empty template where there is none (a base model)."""
    directory = path if path.is_dir() else path.parent
    settings = _read_json(directory / "tokenizer_config.json")
    tokens = {name: _token(value) for name, value in settings.items() if name.endswith("_token")}
    candidates = [path] if path.is_file() and path.suffix != ".json" else [directory / "chat_template.jinja"]
    for candidate in candidates:
        if candidate.is_file():
            return candidate.read_text(encoding="utf-8"), tokens
    template = settings.get("chat_template")
    if isinstance(template, list):  # several by name
        template = next((entry["template"] for entry in template if entry["name"] == "default"), None)
    return template or "", tokens


def _read_json(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        settings: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(f"'{path}' is not JSON: {error}.") from error
    return settings


def _token(value: object) -> str:
    """Return a special token's text: older configurations hold an object with `content`."""
    return str(value["content"]) if isinstance(value, dict) else str(value or "")
