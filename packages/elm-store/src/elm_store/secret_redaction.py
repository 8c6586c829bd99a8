"""Keeps keys, tokens and passwords out of the file."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from elm_protocols import Json

REDACTED = "[redacted]"

_SHORTEST_SECRET = 8  # characters; shorter values of such variables are switches and would garble texts
_VARIABLE = re.compile(r"(API_?KEY|ACCESS_?KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIALS?)$", re.IGNORECASE)
_KEY = re.compile(
    r"(apikey|accesskey|secretkey|privatekey|secret|password|passwd|credentials?|authorization|cookie"
    r"|(api|access|auth|bearer|refresh|session|hf)token)$|^token$|^auth$"
)
_URL_PASSWORD = re.compile(r"(?<=://)[^/\s:@]+:[^/\s@]+(?=@)")


class Redactor:
    """Replaces secrets by `[redacted]`.

    Args:
        secrets: Texts that must appear nowhere; those shorter than 8 characters are not looked for.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        known = sorted({secret for secret in secrets if len(secret) >= _SHORTEST_SECRET}, key=len)
        # The longest first: a secret may begin with another one.
        self._known = re.compile("|".join(map(re.escape, reversed(known)))) if known else None

    def text(self, text: str) -> str:
        """Return `text` without the known secrets."""
        return text if self._known is None else self._known.sub(REDACTED, text)

    def reply(self, value: Json) -> Json:
        """Return what a model said, without the known secrets and otherwise as it is."""
        if self._known is None:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.reply(item) for key, item in value.items()}
        if isinstance(value, Sequence):
            return [self.reply(item) for item in value]
        return value

    def settings(self, value: Json) -> Json:
        """Return a configuration or request without secrets: known, under secret keys, or in URLs."""
        if isinstance(value, str):
            return _URL_PASSWORD.sub(REDACTED, self.text(value))
        if isinstance(value, Mapping):
            return {
                key: REDACTED if item and is_secret_key(key) else self.settings(item)
                for key, item in value.items()
            }
        if isinstance(value, Sequence):
            return [self.settings(item) for item in value]
        return value


def is_secret_key(key: str) -> bool:
    """Return whether what stands under `key` in a configuration is a secret."""
    return _KEY.search(re.sub(r"[^a-z0-9]", "", key.lower())) is not None


def secrets_of_environment(environment: Mapping[str, str]) -> Iterator[str]:
    """Yield the values of environment variables whose names end in API_KEY, TOKEN, PASSWORD and the like."""
    for name, value in environment.items():
        if _VARIABLE.search(name):
            yield value


def secrets_of_settings(value: Json) -> Iterator[str]:
    """Yield the texts that stand under secret keys in a configuration."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            if isinstance(item, str) and is_secret_key(key):
                yield item
            else:
                yield from secrets_of_settings(item)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            yield from secrets_of_settings(item)
