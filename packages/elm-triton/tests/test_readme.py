import re
from pathlib import Path


def test_the_example_of_the_readme_runs(capsys):
    readme = (Path(__file__).parents[1] / "README.md").read_text()
    (example,) = re.findall(r"```python\n(.*?)```", readme, re.S)
    free = example.replace("localhost:8001", "127.0.0.1:9")  # whatever runs on this machine
    exec(compile(free, "README.md", "exec"), {"__name__": "readme"})
    assert capsys.readouterr().out.startswith(
        "No Triton server is ready to serve 'smollm2' (grpc://127.0.0.1:9"
    )


def test_the_table_of_tensors_in_the_docs_is_the_table_in_the_code():
    from elm_triton.text_interfaces import TEXT_INTERFACES

    docs = (Path(__file__).parents[3] / "docs" / "triton.md").read_text()
    expected = [
        f"| {interface.name} | {side} | {part.role} | {names(part)} | {part.kind} | {need} |"
        for interface in TEXT_INTERFACES
        for side, parts in (("in", interface.inputs), ("out", interface.outputs))
        for part in parts
        for need in ("needed" if part.needed else "",)
    ]
    written = [line for line in docs.splitlines() if re.match(r"\| .* \| (in|out) \|", line)]
    assert written == expected
    assert all(f"`{interface.source}`" in docs for interface in TEXT_INTERFACES)


def names(part):
    return " or ".join(f"`{name}`" for name in part.names)
