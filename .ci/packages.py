"""One version for all packages, and a licence and typed marker in each.

    python .ci/packages.py check            what `uv run nox -s lint` runs
    python .ci/packages.py dist FOLDER      the same of built wheels and sdists (`uv run nox -s dist`)
    python .ci/packages.py tag v0.2.0       whether this tag may be released
    python .ci/packages.py version 0.2.0    write a version into every pyproject.toml, then run `uv lock`

The version of the root's pyproject.toml counts. A member asks for other members by exactly that version:
they are released together, and tested together only.
"""

import re
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
MEMBERS = sorted(path.parent for path in ROOT.glob("*/*/pyproject.toml"))
NAMES = {member.name for member in MEMBERS}
OWN_REQUIREMENT = re.compile(rf'"({"|".join(sorted(NAMES))})(\[[a-z0-9,-]+\])?([^"\[\]]*)"')


def version_of(folder: Path) -> str:
    """Return the version in a folder's pyproject.toml."""
    return tomllib.loads((folder / "pyproject.toml").read_text())["project"]["version"]


def published_requirements(member: Path) -> list[str]:
    """Return what a wheel of the member asks for, extras included."""
    project = tomllib.loads((member / "pyproject.toml").read_text())["project"]
    extras = project.get("optional-dependencies", {}).values()
    return [*project.get("dependencies", []), *(requirement for extra in extras for requirement in extra)]


def faults() -> list[str]:
    """Return what is wrong with the packages, one sentence each."""
    version = version_of(ROOT)
    licence = (ROOT / "LICENSE").read_bytes()
    changelog = (ROOT / "CHANGELOG.md").read_text()
    found = []
    if not re.search(rf"^## {re.escape(version)}\b", changelog, re.MULTILINE):
        found.append(f"CHANGELOG.md has no section '## {version}'.")
    for member in MEMBERS:
        name = member.name
        if version_of(member) != version:
            found.append(f"{name} has version {version_of(member)}, the workspace {version}.")
        for requirement in published_requirements(member):
            own = OWN_REQUIREMENT.fullmatch(f'"{requirement}"')
            if own and own[3] != f"=={version}":
                found.append(f"{name} asks for '{requirement}', not '{own[1]}{own[2] or ''}=={version}'.")
        if not (member / "LICENSE").is_file() or (member / "LICENSE").read_bytes() != licence:
            found.append(f"{name} has no copy of the workspace's LICENSE.")
        if not (member / "src" / name.replace("-", "_") / "py.typed").is_file():
            found.append(f"{name} has no py.typed.")
        if "```python" not in (member / "README.md").read_text():
            found.append(f"{name} has no example in its README.")
    return found


def faults_of_tag(tag: str) -> list[str]:
    """Return why a tag must not be released, one sentence each."""
    version = version_of(ROOT)
    found = [] if tag == f"v{version}" else [f"The tag is {tag}, the version {version}."]
    if re.search(
        rf"^## {re.escape(version)} \(unreleased\)", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE
    ):
        found.append(f"CHANGELOG.md still calls {version} unreleased: write the date there.")
    return found


def faults_of_distributions(folder: Path) -> list[str]:
    """Return what is missing in the wheels and sdists of a folder, one sentence each."""
    version = version_of(ROOT)
    found = []
    for name in NAMES:
        module, sdist = name.replace("-", "_"), f"{name.replace('-', '_')}-{version}"
        with zipfile.ZipFile(folder / f"{sdist}-py3-none-any.whl") as wheel:
            wanted = {f"{sdist}.dist-info/licenses/LICENSE", f"{module}/py.typed"}
            found += [f"The wheel of {name} lacks {file}." for file in wanted - set(wheel.namelist())]
            metadata = wheel.read(f"{sdist}.dist-info/METADATA").decode()
        if "\nLicense-Expression: MIT\n" not in metadata:
            found.append(f"The wheel of {name} does not say that its licence is MIT.")
        with tarfile.open(folder / f"{sdist}.tar.gz") as archive:
            wanted = {f"{sdist}/LICENSE", f"{sdist}/README.md", f"{sdist}/src/{module}/py.typed"}
            found += [f"The sdist of {name} lacks {file}." for file in wanted - set(archive.getnames())]
    return sorted(found)


def write_version(version: str) -> None:
    """Write the version into every pyproject.toml: as its own, and where a wheel asks for another member."""
    for folder in [ROOT, *MEMBERS]:
        file = folder / "pyproject.toml"
        text = re.sub(r'(?m)^version = "[^"]*"', f'version = "{version}"', file.read_text(), count=1)
        if folder != ROOT:
            head, groups, rest = text.partition("[dependency-groups]")
            head = OWN_REQUIREMENT.sub(lambda own: with_version(own, version), head)
            text = head + groups + rest
        file.write_text(text)


def with_version(own: re.Match[str], version: str) -> str:
    """Return a requirement on a member, bounded; a package's own name stays as it is."""
    named = own.string[: own.start()].endswith("name = ")
    return own[0] if named else f'"{own[1]}{own[2] or ""}=={version}"'


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["check"]:
            sys.exit("\n".join(faults()) or None)
        case ["dist", folder]:
            sys.exit("\n".join(faults_of_distributions(Path(folder))) or None)
        case ["tag", tag]:
            sys.exit("\n".join(faults_of_tag(tag)) or None)
        case ["version", version]:
            write_version(version)
        case _:
            sys.exit(__doc__)
