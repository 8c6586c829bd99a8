"""Pictures, animations, replays and contact sheets of real runs."""

import json
import shutil

import numpy as np
import pytest
from sodarace_walkers import SEED_WALKERS

from elm_envs_sodarace import SEEDS, InvalidWalker, Simulation, read_terrain, simulate
from elm_envs_sodarace.outline import Outline
from elm_envs_sodarace.replay import read_frames, replay
from elm_envs_sodarace.trusted_run import run_trusted
from elm_protocols import BehaviorSpace, ContinuousAxis, Individual, UserError

Image = pytest.importorskip("PIL.Image", reason="the extra `render` is not installed")

from elm_envs_sodarace import animation, contact_sheet, drawing  # noqa: E402
from elm_envs_sodarace.evaluation import Task  # noqa: E402
from elm_envs_sodarace.illustration import illustrate  # noqa: E402

SPACE = BehaviorSpace((ContinuousAxis("height", 0, 120), ContinuousAxis("width", 0, 120)))


@pytest.fixture(scope="module")
def run():
    walker, terrain = SEED_WALKERS["galloper"], read_terrain("stairs:distance=5")
    simulation = simulate(walker, terrain, 2.0, record_every=animation.STEPS_PER_FRAME)
    assert isinstance(simulation, Simulation)
    return walker, terrain, simulation


def where(image, color):
    """Return the (x, y) of the pixels within a small distance of a colour."""
    pixels = np.asarray(image.convert("RGB")).astype(int)
    rows, columns = np.nonzero(np.abs(pixels - np.array(color)).max(axis=2) <= 12)
    return columns, rows


def test_a_picture_shows_body_and_ground_where_they_are(run):
    walker, _, simulation = run
    view = drawing.view_of(simulation.settled, (480, 270))
    image = drawing.draw(walker, simulation.settled, simulation.outline, view)
    assert image.size == (480, 270)
    for x, y in simulation.settled.tolist():
        column, row = (round(part / drawing.OVERSAMPLING) for part in view.pixel(x, y))
        assert np.abs(np.array(image.getpixel((column, row))) - drawing.JOINT).max() <= 12
    _, ground = where(image, drawing.GROUND)
    assert len(ground) > 480 * 270 * 0.1
    assert ground.min() > 100
    assert image.getpixel((470, 5)) == drawing.SKY


def test_bones_and_muscles_have_their_colours():
    assert drawing.muscle_color(1.0) == drawing.REST
    assert drawing.muscle_color(0.5) == drawing.SHORT
    assert drawing.muscle_color(1.5) == drawing.LONG


def test_a_tunnel_is_rock_above(run):
    walker, _, simulation = run
    outline = read_terrain("tunnel:ceiling=36").outline(-40.0, -20.0)
    view = drawing.view_of(simulation.settled, (480, 270))
    image = drawing.draw(walker, simulation.settled, outline, view)
    assert image.getpixel((470, 5)) == drawing.GROUND
    assert image.getpixel((5, 5)) == drawing.SKY


def test_the_gif_plays_in_real_time_and_its_walker_moves(run, tmp_path):
    walker, _, simulation = run
    path = animation.write_gif(tmp_path / "walk.gif", walker, simulation, "galloper")
    with Image.open(path) as film:
        assert film.n_frames == len(simulation.frames) == 41
        assert film.info["duration"] == 50
        assert film.info["loop"] == 0
        shots = []
        for index in (0, 40):
            film.seek(index)
            shots.append(np.asarray(film.convert("RGB")).astype(int))
    assert (np.abs(shots[1] - shots[0]).max(axis=2) > 30).mean() > 0.005


def test_a_body_that_leaps_stays_in_the_picture():
    walker = SEED_WALKERS["cppn_mutable"]
    frames = np.repeat((walker.positions() + np.array([0.0, drawing.RADIUS]))[None], 21, axis=0)
    frames[:, :, 1] += np.linspace(0, 60, 21)[:, None]
    leap = Simulation(Outline(), frames[0], frames[-1], frames, 0.05)
    _, rows = where(animation.picture(walker, leap, 20), drawing.JOINT)
    assert rows.min() > 10


def test_the_camera_stands_while_the_walker_is_near_and_catches_up():
    walker = SEED_WALKERS["cppn_mutable"]
    simulation = simulate(walker, read_terrain("flat"), 10.0, record_every=animation.STEPS_PER_FRAME)
    path = animation.camera_path(simulation)
    assert (path[:20] == 0).all()
    middles = simulation.frames.mean(axis=1) - simulation.settled.mean(axis=0)
    assert path[-1, 0] > 10
    assert np.abs(middles - path)[:, 0].max() < 0.6 * np.ptp(simulation.settled[:, 0])


def test_a_png_shows_the_moment_asked_for(run, tmp_path):
    walker, _, simulation = run
    late = animation.write_png(tmp_path / "late.png", walker, simulation, seconds=1.0)
    expected = animation.picture(walker, simulation, 20)
    with Image.open(late) as image:
        assert image.tobytes() == expected.tobytes()


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not on PATH")
def test_an_mp4_is_written(run, tmp_path):
    walker, _, simulation = run
    path = animation.write_mp4(tmp_path / "walk.mp4", walker, simulation)
    assert path.read_bytes()[4:8] == b"ftyp"


def test_an_mp4_has_the_even_sides_that_its_pixel_format_wants(run, tmp_path, monkeypatch):
    """Regression: x264 refuses the 225 lines of a picture."""
    recorder = tmp_path / "ffmpeg"
    recorder.write_text(f'#!/bin/sh\ncat > /dev/null\necho "$@" > {tmp_path}/call\n')
    recorder.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    animation.write_mp4(tmp_path / "walk.mp4", run[0], run[2])
    call = (tmp_path / "call").read_text()
    assert "-s 400x225" in call
    assert "-vf scale=2*iw:2*ih -pix_fmt yuv420p" in call


def test_without_ffmpeg_an_mp4_is_one_sentence(run, tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UserError, match=r"install ffmpeg so that it is on PATH, or write a \.gif"):
        animation.write_mp4(tmp_path / "walk.mp4", run[0], run[2])


def test_a_failing_ffmpeg_is_one_sentence(run, tmp_path, monkeypatch):
    broken = tmp_path / "ffmpeg"
    broken.write_text("#!/bin/sh\ncat > /dev/null\necho 'no such codec' >&2\nexit 3\n")
    broken.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(UserError, match="no such codec"):
        animation.write_mp4(tmp_path / "walk.mp4", run[0], run[2])


def test_a_replay_comes_back_to_a_hundredth_of_a_unit(run):
    walker, terrain, simulation = run
    value = json.loads(json.dumps(replay(walker, terrain, simulation)))
    frames = read_frames(value)
    assert frames.shape == simulation.frames.shape
    assert np.abs(frames - simulation.frames).max() <= 0.00501
    assert value["terrain"]["kind"] == "stairs"
    assert value["links"][0] == [0, 1, 0]
    assert sum(driven for _, _, driven in value["links"]) == 6
    assert value["travel"] == simulation.travel


def test_a_foreign_replay_is_refused(run):
    value = {**replay(*run), "version": 99}
    with pytest.raises(UserError, match="render the walker again"):
        read_frames(value)


def elites():
    made = [
        Individual(i, SEEDS[name], 20.0 - i, (30.0, 50.0)) for i, name in enumerate(["galloper", "wheel"])
    ]
    return [
        *made,
        Individual(2, SEEDS["square"], 3.0, (95.0, 55.0)),
        Individual(3, "broken", 1.0, (5.0, 5.0)),
    ]


def build(programs):
    """A scripted sandbox: trusted programs only; `broken` stands for one that fails now."""
    failed = InvalidWalker("timeout", "too slow")
    return [failed if program == "broken" else run_trusted(program) for program in programs]


def test_a_contact_sheet_shows_the_best_of_each_cell(tmp_path):
    best = contact_sheet.best_of_cells(elites(), SPACE, cells=12)
    assert {cell: elite.id for cell, elite in best.items()} == {(3, 5): 0, (9, 5): 2, (0, 0): 3}
    path = contact_sheet.write_contact_sheet(tmp_path / "sheet.png", elites(), SPACE, build)
    with Image.open(path) as sheet:
        columns, rows = where(sheet, drawing.JOINT)
    drawn = {
        (
            (column - contact_sheet.MARGIN) // contact_sheet.CELL,
            11 - (row - contact_sheet.TOP) // contact_sheet.CELL,
        )
        for column, row in zip(columns.tolist(), rows.tolist(), strict=True)
        if column >= contact_sheet.MARGIN and row < contact_sheet.TOP + 12 * contact_sheet.CELL
    }
    assert drawn == {(3, 5), (9, 5)}


def test_illustrations_are_written_most_telling_first(tmp_path):
    task = Task((read_terrain("flat"), read_terrain("bumpy")), 1.0, ("height", "width"))
    files = illustrate(elites(), tmp_path, task, SPACE, build)
    names = [path.name for path in files]
    assert names[:3] == ["best_walker.gif", "best_walker.py", "contact_sheet.png"]
    assert "best_walker_1_bumpy.json" in names
    assert all(path.stat().st_size > 0 for path in files)
    assert (tmp_path / "best_walker.py").read_text() == SEEDS["galloper"]


def test_a_best_program_that_fails_now_still_leaves_its_text(tmp_path):
    task = Task((read_terrain("flat"),), 1.0, ("height", "width"))
    files = illustrate(elites()[3:], tmp_path, task, SPACE, build)
    assert [path.name for path in files] == ["best_walker.py", "contact_sheet.png"]
