"""The page in a real Chromium: each view, live runs, hostile content, keyboard, phone."""

import re

import pytest
from playwright.sync_api import expect
from recorded_runs import (
    PLANE,
    Recorder,
    categorical_run,
    child,
    plain_run,
    png,
    result,
    walker_run,
)

import elm_store
from elm_protocols import BehaviorSpace, CategoricalAxis, Evaluation
from elm_viewer.report import write_report

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def filled_cells(tab):
    return tab.locator(".figures b").first.inner_text()


def colours(tab, selector="canvas"):
    """Return how many colours a canvas shows."""
    return tab.locator(selector).first.evaluate(
        "c => new Set(new Uint32Array("
        "c.getContext('2d').getImageData(0, 0, c.width, c.height).data.buffer)).size"
    )


def map_point(tab, across, up):
    """Return where a point of the unit square lies on the map, in the map's pixels."""
    box = tab.locator(".map").first.bounding_box()
    width, height = box["width"] - 58 - 14, box["height"] - 12 - 46
    return {"x": 58 + across * width, "y": 12 + (1 - up) * height}


def test_the_map_shows_elites_and_empty_niches_and_opens_one(tmp_path, serve, tab):
    plain_run(tmp_path / "run")
    address = serve(tmp_path / "run")
    tab.goto(address)
    expect(tab.locator(".figures")).to_contain_text("of 20 niches filled")
    assert colours(tab, ".map canvas") > 6
    tab.locator(".map").hover(position=map_point(tab, 0.99, 0.01))
    expect(tab.locator(".tip")).to_contain_text("empty niche")
    tab.locator(".map").hover(position=map_point(tab, 0.01, 0.01))
    expect(tab.locator(".tip")).to_contain_text("fitness1")
    expect(tab.locator(".tip")).to_contain_text("#0")
    tab.locator(".map").click(position=map_point(tab, 0.01, 0.01))
    expect(tab.locator(".individual-head h2")).to_have_text("Individual #0")
    expect(tab.locator(".selected polygon")).to_have_count(1)
    tab.go_back()
    expect(tab.locator(".side h2")).to_have_text("Fittest elites")


def test_the_map_is_walked_with_the_keyboard(tmp_path, serve, tab):
    plain_run(tmp_path / "run")
    address = serve(tmp_path / "run")
    tab.goto(address)
    tab.locator(".map").focus()
    tab.keyboard.press("Home")
    expect(tab.locator(".map [aria-live]")).to_contain_text("individual #22, fitness 12")
    tab.keyboard.press("ArrowLeft")
    expect(tab.locator(".map [aria-live]")).not_to_contain_text("#22,")
    tab.keyboard.press("Home")
    tab.keyboard.press("Enter")
    expect(tab.locator(".individual-head h2")).to_have_text("Individual #22")


def test_everything_that_can_be_used_is_reached_with_tab(tmp_path, serve, tab):
    plain_run(tmp_path / "run")
    address = serve(tmp_path / "run")
    tab.goto(f"{address}/#id=22")
    expect(tab.get_by_role("heading", name="Lineage")).to_be_visible()
    seen = set()
    for _ in range(60):
        tab.keyboard.press("Tab")
        seen.add(
            tab.evaluate(
                "(e => e.closest('nav') ? 'nav' : e.closest('.lineage') ? 'lineage'"
                " : e.getAttribute('role') || e.className || e.type)"
                "(document.activeElement)"
            )
        )
    assert {"nav", "application", "range", "close", "tab", "lineage"} <= seen


def test_the_slider_shows_the_archive_at_any_step(tmp_path, serve, tab):
    plain_run(tmp_path / "run")
    address = serve(tmp_path / "run")
    tab.goto(address)
    slider = tab.get_by_label("Step of the search")
    assert filled_cells(tab) != "2"
    slider.fill("0")
    assert filled_cells(tab) == "2"
    expect(tab.locator(".at-step")).to_have_text("step 0 of 11")
    slider.fill("11")
    assert int(filled_cells(tab)) > 5


def test_an_individual_has_program_changes_origin_request_lineage_and_children(tmp_path, serve, tab):
    plain_run(tmp_path / "run")
    address = serve(tmp_path / "run")
    tab.goto(f"{address}/#id=2")
    expect(tab.locator(".picture").first).to_be_visible()
    assert tab.locator(".picture").first.evaluate("i => i.naturalWidth") == 8
    expect(tab.locator(".program .code-keyword").first).to_have_text("import")
    assert tab.locator(".program .line-text").all_inner_texts()[4].rstrip("\n") == "    y = x + 2  # a step"
    tab.get_by_role("button", name="changes to #0").click()
    expect(tab.locator(".line.removed")).to_have_text("    y = x + 0  # a step\n", use_inner_text=True)
    expect(tab.locator(".line.inserted")).to_have_text("    y = x + 2  # a step\n", use_inner_text=True)
    origin = tab.locator(".card", has=tab.get_by_role("heading", name="Origin and cost"))
    expect(origin).to_contain_text("200 read, 12 written")
    expect(origin).to_contain_text("1 syntax")
    request = tab.locator(".card", has=tab.get_by_role("heading", name="Prompt and reply"))
    expect(request).to_contain_text("Go on.")
    expect(tab.locator(".lineage li")).to_have_count(2)
    expect(tab.locator(".lineage li .gain").first).to_have_text("+1")
    children = tab.locator(".card", has=tab.get_by_role("heading", name="Children"))
    expect(children.get_by_role("link")).to_have_text(["#4 3", "#5 timeout"])
    tab.locator(".lineage li a").last.click()
    expect(tab.locator(".individual-head h2")).to_have_text("Individual #0")


def test_the_line_of_descent_marks_improvements(tmp_path, serve, tab):
    plain_run(tmp_path / "run")
    address = serve(tmp_path / "run")
    tab.goto(f"{address}/#id=22")
    expect(tab.locator(".lineage li")).to_have_count(12)
    expect(tab.locator(".lanes circle.better")).to_have_count(11)
    expect(tab.locator(".lanes path.first")).to_have_count(11)


def test_a_failed_individual_is_shown_with_its_cause(tmp_path, serve, tab):
    plain_run(tmp_path / "run")
    address = serve(tmp_path / "run")
    tab.goto(f"{address}/#view=individuals&cause=timeout")
    expect(tab.locator("tbody tr")).to_have_count(8)
    tab.locator("tbody tr a").first.click()
    expect(tab.locator(".individual-head .badge")).to_have_text("timeout")
    expect(tab.locator(".feedback")).to_have_text("It ran too long.")


def test_a_walker_moves_on_each_of_its_terrains(tmp_path, serve, tab):
    walker_run(tmp_path / "run")
    address = serve(tmp_path / "run")
    tab.goto(f"{address}/#id=1")
    expect(tab.locator("canvas.stage")).to_be_visible()
    before = tab.locator(".clock").inner_text()
    expect(tab.locator(".clock")).not_to_have_text(before)
    assert colours(tab, "canvas.stage") > 10
    tab.get_by_role("button", name="Pause").click()
    tab.get_by_label("Time in the run, seconds").fill("1.5")
    expect(tab.locator(".clock")).to_contain_text("1.5 s")
    tab.get_by_label("terrain").select_option("1")
    expect(tab.locator("canvas.stage")).to_be_visible()


def test_more_than_two_axes_are_chosen_and_cut(tmp_path, serve, tab):
    walker_run(tmp_path / "run")
    address = serve(tmp_path / "run")
    tab.goto(address)
    expect(tab.locator(".axis-name").first).to_have_text("height")
    tab.get_by_label("across").select_option("2")
    expect(tab.locator(".axis-name").first).to_have_text("mass")
    cut = tab.get_by_label("height", exact=True)
    before = colours(tab, ".map canvas")
    cut.select_option("3")
    assert colours(tab, ".map canvas") < before


def test_centroids_are_shown_as_cells(tmp_path, serve, tab):
    plain_run(tmp_path / "run", qd={"name": "cvtmapelites", "niches": 30, "samples": 500})
    address = serve(tmp_path / "run")
    tab.goto(address)
    expect(tab.locator(".figures")).to_contain_text("of 30 niches filled")
    expect(tab.locator(".empty-swatch")).to_be_visible()
    tab.locator(".map").hover(position=map_point(tab, 0.5, 0.99))
    expect(tab.locator(".cursor polygon")).to_have_count(1)
    expect(tab.locator(".tip")).to_contain_text("empty niche")


def test_a_population_is_shown_as_points(tmp_path, serve, tab):
    plain_run(tmp_path / "run", qd={"name": "genetic", "population": 6})
    address = serve(tmp_path / "run")
    tab.goto(address)
    expect(tab.locator(".figures")).to_contain_text("6 of 6")
    tab.locator(".map").focus()
    tab.keyboard.press("Home")
    expect(tab.locator(".cursor circle")).to_have_count(1)


def test_categories_and_graded_examples_have_their_names(tmp_path, serve, tab):
    categorical_run(tmp_path / "run")
    address = serve(tmp_path / "run")
    tab.goto(address)
    expect(tab.locator(".map .tick text")).to_have_text(["haiku", "ode", "limerick", "sad", "glad"])
    tab.locator(".map").click(position=map_point(tab, 1 / 6, 3 / 4))
    expect(tab.locator(".individual-head .facts")).to_contain_text("haiku")
    expect(tab.locator("table.examples tbody tr")).to_have_count(2)
    expect(tab.locator(".program.text .line-text").first).to_have_text(re.compile("The sea is wide,"))
    expect(tab.locator("pre.plain").first).to_contain_text('"quality": 0.7')


def test_progress_has_curves_causes_credit_and_cost(tmp_path, serve, tab):
    plain_run(tmp_path / "run", steps=20)
    address = serve(tmp_path / "run")
    tab.goto(f"{address}/#view=progress")
    expect(tab.locator(".uplot")).to_have_count(6)
    for title in ("QD score", "Coverage", "Fitness", "Valid share", "Lost children by cause", "Throughput"):
        expect(tab.get_by_role("heading", name=title)).to_be_visible()
    credit = tab.locator(".card", has=tab.get_by_role("heading", name="Credit of operators and models"))
    expect(credit.locator("tbody tr")).to_have_count(2)
    tab.get_by_label("prompt tokens").fill("10")
    tab.get_by_label("completion tokens").fill("100")
    tab.keyboard.press("Tab")
    money = (40 * 200 * 10 + 40 * 12 * 100) / 1e6
    expect(tab.locator(".tile", has_text="money")).to_contain_text(str(money))
    tab.get_by_label("curves over").select_option("minutes")
    expect(tab.locator(".uplot")).to_have_count(6)


def test_runs_are_compared_on_the_same_axes(tmp_path, serve, tab):
    plain_run(tmp_path / "one")
    plain_run(tmp_path / "two", steps=20)
    address = serve(tmp_path / "one", tmp_path / "two")
    tab.goto(f"{address}/#view=compare")
    expect(tab.locator(".uplot")).to_have_count(3)
    expect(tab.locator(".maps figure")).to_have_count(2)
    expect(tab.locator(".uplot").first.locator(".u-series")).to_have_count(3)
    tab.get_by_role("checkbox", name="two").uncheck()
    expect(tab.locator(".maps figure")).to_have_count(1)
    tab.get_by_label("run", exact=True).select_option("1")
    expect(tab.locator(".count")).to_contain_text("40 individuals")


def test_the_run_view_tells_configuration_and_processes(tmp_path, serve, tab):
    plain_run(tmp_path / "run")
    address = serve(tmp_path / "run")
    tab.goto(f"{address}/#view=run")
    expect(tab.locator("details", has_text="mapelites").first).to_be_visible()
    expect(tab.locator("table tbody tr")).to_have_count(1)


def test_a_running_run_is_followed(tmp_path, serve, tab):
    recorder = plain_run(tmp_path / "run", steps=3, finish=False)
    address = serve(tmp_path / "run")
    tab.goto(address)
    expect(tab.locator(".status")).to_have_text("running")
    filled = int(filled_cells(tab))
    recorder.add((child(99, (0,)), result(50.0, 0.5, 0.9)), (child(98), result(51.0, 5.0, 0.9)))
    expect(tab.locator(".count")).to_contain_text("8 individuals")
    expect(tab.locator(".figures")).to_contain_text("best fitness 51")
    assert int(filled_cells(tab)) == filled + 2
    expect(tab.locator(".at-step")).to_have_text("step 3 of 3")
    recorder.store.finish("steps")
    expect(tab.locator(".status")).to_have_text("finished: steps")


EVIL = (
    "<script>window.hacked=1</script><img src=x onerror='window.hacked=1'></script>"
    "<svg onload=alert(1)>\u2028{{7*7}}"
)


def hostile_run(folder):
    space = BehaviorSpace((CategoricalAxis(f"axis {EVIL}", (EVIL, "b")), PLANE.axes[0]))
    recorder = Recorder(folder, {"name": "mapelites", "bins": []}, space, EVIL)
    artifacts = {
        EVIL: EVIL,
        "png": "data:image/svg+xml,<svg onload='window.hacked=1'/>",
        "image": png(3),
        "examples": [{EVIL: EVIL}],
        "poem": f"{EVIL}\n{EVIL}",
        "solved": EVIL,
        "answer": [EVIL],
        "constructor": {"__proto__": EVIL},
        "walker": {"joints": EVIL, "muscles": []},
        "duration": 1,
        "runs": [{"terrain": {"kind": EVIL}, "travel": EVIL}],
    }
    for number in range(3):
        offspring = child(
            number,
            (0,) if number else (),
            f"def f():\n    '''{EVIL}'''\n# {EVIL} \udc80 {number}\n",
            EVIL,
            "ab",
        )
        evaluation = Evaluation(fitness=1.0 + number, measures=(0.0, 3.0), feedback=EVIL, artifacts=artifacts)
        lost = Evaluation(status=EVIL, feedback=EVIL)
        recorder.add((offspring, evaluation), (child(9, text=EVIL), lost))
    request = {"by": {EVIL: EVIL}, "request": {"parents": [EVIL], "instruction": EVIL, EVIL: [EVIL]}}
    recorder.store.journal.record(request, 0, {"text": EVIL, "status": "ok", "origin": {"prompt_hash": "ab"}})
    recorder.store.finish(EVIL)


ROUTES = (
    "",
    "#id=4",
    "#id=5",
    "#id=0&view=individuals",
    "#view=progress",
    "#view=compare&compare=0,1",
    "#view=run",
)


@pytest.mark.parametrize("way", ["served", "exported"])
def test_nothing_in_a_run_can_run_in_the_page(tmp_path, serve, chromium, way):
    for name in ("one", "two"):
        hostile_run(tmp_path / f"{name}<img src=x onerror=window.hacked=1>")
    folders = sorted(path for path in tmp_path.iterdir())
    write_report(folders, tmp_path / "report.html")
    address = serve(*folders)
    place = address + "/" if way == "served" else (tmp_path / "report.html").as_uri()
    page = chromium.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for route in ROUTES:
        page.goto("about:blank")
        page.goto(place + route)
        page.wait_for_selector(".card")
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(150)
        assert "onerror" in page.inner_text("body")  # it is shown, as text
        assert page.evaluate("window.hacked") is None
        assert (
            page.evaluate("document.querySelectorAll('[onerror], [onload], iframe, object, embed').length")
            == 0
        )
        sources = page.evaluate("[...document.images].map(i => i.getAttribute('src').slice(0, 22))")
        assert set(sources) <= {"data:image/png;base64,"}
    page.close()
    hosts = {url.split("/")[2] for url in asked if url.startswith("http")}
    assert hosts <= {address.split("/")[2]}
    # The one thing refused is what is refused in words: a walker and a report's gaps answer 404.
    assert [text for text in said if "404" not in text] == []


def test_a_script_that_got_into_the_page_would_be_refused(tmp_path, serve, chromium):
    """The second wall: even with a way in, neither inline scripts nor HTML from strings work."""
    plain_run(tmp_path / "run")
    address = serve(tmp_path / "run")
    page = chromium.new_page()
    page.goto(address)
    page.wait_for_selector(".map")
    tried = page.evaluate(
        """() => {
            const script = document.createElement('script');
            const outcomes = {};
            script.append('window.hacked = 1');
            try { document.body.append(script); } catch (e) { outcomes.script = e.name; }
            const html = '<img src=x onerror="window.hacked = 1">';
            try { document.body.insertAdjacentHTML('beforeend', html); } catch (e) { outcomes.html = e.name; }
            return [outcomes, window.hacked ?? null];
        }"""
    )
    assert tried[1] is None
    assert tried[0]["html"] == "TypeError"
    page.close()


def test_a_report_works_from_disk_without_network(tmp_path, chromium, tab):
    plain_run(tmp_path / "run")
    walker_run(tmp_path / "walkers")
    write_report([tmp_path / "run", tmp_path / "walkers"], tmp_path / "report.html")
    tab.context.set_offline(True)
    address = (tmp_path / "report.html").as_uri()
    tab.goto(address)
    expect(tab.locator(".figures")).to_contain_text("of 20 niches filled")
    tab.locator(".map").click(position=map_point(tab, 0.01, 0.01))
    expect(tab.locator(".individual-head h2")).to_have_text("Individual #0")
    expect(tab.locator(".lineage li")).to_have_count(1)
    tab.goto(f"{address}#run=1&id=0")
    expect(tab.locator("canvas.stage")).to_be_visible()
    for view in ("progress", "compare", "run", "individuals"):
        tab.goto(f"{address}#view={view}")
        expect(tab.locator("nav [aria-current]")).to_have_text(view.capitalize())
        expect(tab.locator(".card").first).to_be_visible()
    tab.goto(f"{address}#view=individuals&id=3")
    expect(tab.locator(".side")).to_contain_text("This is not in the report.")


@pytest.mark.parametrize("view", ["archive&id=22", "progress", "individuals&id=22", "compare", "run"])
def test_a_phone_shows_every_view_without_scrolling_sideways(tmp_path, serve, chromium, view):
    plain_run(tmp_path / "run")
    plain_run(tmp_path / "run-with-a-long-name-as-runs-have-it-2026-11-24_17-20-07_sodarace_mapelites_0")
    address = serve(*sorted(tmp_path.iterdir()))
    context = chromium.new_context(
        viewport={"width": 360, "height": 740}, has_touch=True, color_scheme="dark"
    )
    page = context.new_page()
    page.goto(f"{address}/#view={view}")
    page.wait_for_selector("main .card")
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(200)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    context.close()


def contrast(page, selector, background):
    """Return the contrast of a text with its background as WCAG 2 has it."""
    return page.evaluate(
        """([selector, background]) => {
            const part = (c) => (c /= 255, c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
            const light = (colour) => {
                const [r, g, b] = colour.match(/[\\d.]+/g).map(Number).map(part);
                return 0.2126 * r + 0.7152 * g + 0.0722 * b;
            };
            const text = light(getComputedStyle(document.querySelector(selector)).color);
            const behind = light(getComputedStyle(document.querySelector(background)).backgroundColor);
            return (Math.max(text, behind) + 0.05) / (Math.min(text, behind) + 0.05);
        }""",
        [selector, background],
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_can_be_read_in_light_and_dark(tmp_path, serve, chromium, scheme):
    plain_run(tmp_path / "run")
    address = serve(tmp_path / "run")
    page = chromium.new_page(color_scheme=scheme)
    page.goto(f"{address}/#id=22")
    page.wait_for_selector(".lineage li")
    for text, background in (
        ("body", "body"),
        (".card h2", ".card"),
        (".facts dt", ".card"),
        (".lineage a", ".card"),
        (".badge", ".badge"),
        (".feedback", ".feedback"),
        (".code-keyword", ".program"),
        (".code-comment", ".program"),
        (".code-number", ".program"),
    ):
        assert contrast(page, text, background) >= 4.5, (text, scheme)
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Light or dark").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != before
    page.close()


def test_a_run_without_axes_or_individuals_is_shown_too(tmp_path, serve, tab):
    elm_store.create(tmp_path / "run", config={}).close()
    address = serve(tmp_path / "run")
    tab.goto(address)
    expect(tab.locator(".card")).to_contain_text("no behaviour space on record")
    for view in ("progress", "individuals", "run"):
        tab.goto(f"{address}/#view={view}")
        expect(tab.locator("nav [aria-current]")).to_have_text(view.capitalize())
        expect(tab.locator("main .card").first).to_be_visible()
