"""The command: which runs it shows, reports, and mistakes told in one sentence."""

import os
import re
import subprocess
import sys
import urllib.request

import pytest
from recorded_runs import plain_run

from elm_protocols import UserError
from elm_viewer.command import _listen, main
from elm_viewer.shown_runs import runs_in


def test_the_newest_run_comes_first(tmp_path):
    for place, name in enumerate(("b", "a", "c")):
        plain_run(tmp_path / name, steps=1)
        os.utime(tmp_path / name / "run.sqlite", (place, place))
    assert [path.name for path in runs_in(tmp_path)] == ["c", "a", "b"]


def test_a_run_that_is_being_written_is_the_newest(tmp_path):
    plain_run(tmp_path / "done", steps=1)
    recorder = plain_run(tmp_path / "live", steps=1, finish=False)
    os.utime(tmp_path / "live" / "run.sqlite", (1, 1))
    assert runs_in(tmp_path)[0].name == "live"
    recorder.store.close()


def test_no_run_is_a_users_error(tmp_path):
    with pytest.raises(UserError, match="There is no run in"):
        runs_in(tmp_path)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nowhere"], "There is no run at nowhere"),
        (["--runs", "nowhere"], "There is no run in nowhere"),
        (["{run}", "--port", "99999"], "A port is 0 (any free one) to 65535, not 99999."),
        (["export", "nowhere", "report.html"], "There is no run at nowhere"),
        (["export", "{run}", "no/such/folder/report.html"], "cannot be written"),
        (["export", "{run}", "report.html", "--individuals", "0"], "at least one individual"),
    ],
)
def test_mistakes_are_one_sentence_and_exit_code_2(tmp_path, monkeypatch, capsys, words, said):
    plain_run(tmp_path / "run", steps=1)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main([word.replace("{run}", str(tmp_path / "run")) for word in words])
    error = capsys.readouterr().err
    assert ended.value.code == 2
    assert said in error
    assert error.startswith("elm-viewer: ")
    assert error.count("\n") == 1


def test_a_damaged_file_is_one_sentence(tmp_path, capsys):
    (tmp_path / "run.sqlite").write_bytes(b"no run at all" * 100)
    with pytest.raises(SystemExit):
        main([str(tmp_path)])
    assert "is not a run of ELM" in capsys.readouterr().err


def test_a_report_is_one_file_without_addresses(tmp_path, capsys):
    plain_run(tmp_path / "run")
    main(["export", str(tmp_path / "run"), str(tmp_path / "report.html")])
    assert "MB" in capsys.readouterr().out
    text = (tmp_path / "report.html").read_text()
    assert not re.search(r"<(script|link|img|iframe)[^>]+(src|href)=\"(?!data:,)", text)
    assert "default-src 'none'" in text
    assert "connect-src" not in text  # so default-src holds: none


def test_the_command_serves_the_newest_run(tmp_path):
    plain_run(tmp_path / "runs" / "only", steps=2)
    command = [sys.executable, "-c", "from elm_viewer.command import main; main(['--port', '0'])"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        address = re.search(r"http://127\.0\.0\.1:\d+/", line).group()
        with urllib.request.urlopen(address + "documents/runs", timeout=20) as answer:
            assert answer.read() == b'["only"]'
        process.terminate()
    assert line.startswith("only: ")


def test_a_taken_port_is_a_users_error():
    listener = _listen(0)
    taken = listener.getsockname()[1]
    with pytest.raises(UserError, match=f"Port {taken} cannot be used"):
        _listen(taken)
    listener.close()
