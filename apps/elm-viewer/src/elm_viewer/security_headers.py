"""What the page may do, told to the browser: run its own scripts, and nothing else.

Genotypes, replies of models and names in a run are untrusted. The page only ever puts them into text nodes;
these rules hold even where it should fail to.
"""

from __future__ import annotations

from collections.abc import Sequence

_TRUSTED_TYPES = "require-trusted-types-for 'script'; trusted-types 'none'"


def served_policy() -> str:
    """Return the Content-Security-Policy of the served page."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'; "
        f"base-uri 'none'; form-action 'none'; frame-ancestors 'none'; {_TRUSTED_TYPES}"
    )


def exported_policy(script_hashes: Sequence[str], style_hashes: Sequence[str]) -> str:
    """Return the policy of the exported page: these scripts and styles, no connection at all.

    Args:
        script_hashes: `sha256-...` of each inline script.
        style_hashes: The same of each inline style.
    """
    scripts = " ".join(f"'{digest}'" for digest in script_hashes)
    styles = " ".join(f"'{digest}'" for digest in style_hashes)
    return (
        f"default-src 'none'; script-src {scripts}; style-src {styles}; img-src data:; "
        f"base-uri 'none'; form-action 'none'; {_TRUSTED_TYPES}"
    )


HEADERS = {
    "content-security-policy": served_policy(),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "cache-control": "no-cache",
}
"""Of every answer of the server."""
