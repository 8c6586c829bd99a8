"use strict";
// The page: which run and view the address names, the header, and what comes in while a run goes on.
{
  const VIEWS = {
    archive: ["Archive", page.archiveView],
    progress: ["Progress", page.progressView],
    individuals: ["Individuals", page.individualsView],
    compare: ["Compare", page.compareView],
    run: ["Run", page.runView],
  };
  const LIVE_MS = 1000;
  const IDLE_MS = 10_000;
  const NICHES_MS = 300; // those of CVT take seconds to compute again: until then elites are shown as points

  const whole = (text) => (/^\d{1,15}$/.test(text ?? "") ? Number(text) : null);

  /** The address after #: run, view, id (of the open individual), cause, operator, compare. */
  page.route = {
    get() {
      const given = new URLSearchParams(location.hash.slice(1));
      const view = given.get("view");
      return {
        run: whole(given.get("run")) ?? 0,
        view: Object.hasOwn(VIEWS, view) ? view : "archive",
        id: whole(given.get("id")),
        cause: given.get("cause") ?? "",
        operator: given.get("operator") ?? "",
        compare: given.get("compare")?.split(",").map(whole).filter((number) => number !== null && number < page.runNames.length) ?? null,
      };
    },
    href(changes) {
      const next = { ...page.route.get(), ...changes };
      if (changes.view !== undefined && !["archive", "individuals"].includes(next.view)) next.id = null;
      if (!["archive", "individuals"].includes(next.view) && next.id !== null) next.view = "archive";
      const query = new URLSearchParams();
      for (const [name, value] of Object.entries(next)) if (value !== null && value !== "") query.set(name, String(value) || "none");
      return "#" + query;
    },
    go(changes) {
      location.hash = page.route.href(changes);
    },
  };

  const loaded = new Map();

  /** The run at a place of the list, with its columns. */
  page.loadRun = (number) => {
    if (!loaded.has(number)) {
      const load = async () => {
        const [overview, columns] = await Promise.all([page.fetch(`runs/${number}/overview`), page.fetch(`runs/${number}/added/0`)]);
        const run = { number, overview, columns, niches: { kind: "points", pending: true } };
        run.nichesKnown = page.fetch(`runs/${number}/niches`).then((niches) => {
          run.niches = niches;
          if (shown?.run === run) shown.view.niches?.();
        });
        run.nichesKnown.catch(fail);
        await Promise.race([run.nichesKnown, new Promise((resolve) => setTimeout(resolve, NICHES_MS))]);
        return run;
      };
      loaded.set(number, load());
      loaded.get(number).catch(() => loaded.delete(number));
    }
    return loaded.get(number);
  };

  const header = document.getElementById("header");
  const main = document.getElementById("main");
  let shown = null; // { run, name, view }

  function drawHeader(run) {
    const { view, run: number } = page.route.get();
    const { state, name, config } = run.overview;
    const status = { running: "running", finished: "finished" + (state.reason ? ": " + state.reason : ""), interrupted: "interrupted" }[state.status] ?? state.status;
    const picker = page.runNames.length > 1
      ? page.select("run", page.runNames.map((text, i) => [i, text]), number, (value) => page.route.go({ run: Number(value), id: null, cause: "", operator: "" }))
      : page.el("b", { class: "run-name" }, name);
    const theme = page.el("button", { type: "button", class: "quiet", "aria-label": "Light or dark", click: switchTheme }, "◐");
    header.replaceChildren(
      page.el("div", { class: "bar-top" },
        page.el("span", { class: "brand" }, page.el("span", { class: "mark", "aria-hidden": "true" }, [0, 1, 2, 3].map(() => page.el("i", {}))), "ELM"),
        picker,
        page.el("span", { class: "status " + state.status }, status),
        page.el("span", { class: "count" }, `${config.env?.name ?? ""} · ${config.qd?.name ?? ""} · ${page.number(state.individuals)} individuals`),
        theme),
      page.el("nav", { "aria-label": "Views" }, Object.entries(VIEWS).filter(([key]) => key !== "compare" || page.runNames.length > 1).map(([key, [label]]) => page.el("a", { href: page.route.href({ view: key }), "aria-current": key === view ? "page" : null }, label))),
    );
    document.title = `${name} - ELM viewer`;
  }

  function switchTheme() {
    const root = document.documentElement;
    const dark = (root.dataset.theme ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
    root.dataset.theme = dark ? "light" : "dark";
    recolour();
  }

  function recolour() {
    (shown?.view.recolour ?? shown?.view.update)?.call(shown.view);
  }
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);

  function fail(error) {
    main.replaceChildren(page.el("section", { class: "card" }, page.el("p", { class: "note", role: "alert" }, error.message)));
    shown = null;
  }

  async function route() {
    try {
      const { run: number, view: name } = page.route.get();
      const run = await page.loadRun(number);
      drawHeader(run);
      if (shown === null || shown.run !== run || shown.name !== name) {
        const view = VIEWS[name][1](run);
        main.replaceChildren(view.element);
        shown = { run, name, view };
        window.scrollTo(0, 0);
        await view.shown?.();
      } else await shown.view.routed?.();
    } catch (error) {
      fail(error);
      throw error;
    }
  }

  /** Take in what was recorded since; the next look is the later, the longer this one took. */
  async function watch() {
    const begun = performance.now();
    let pause = IDLE_MS;
    const run = shown?.run;
    if (run !== undefined && document.visibilityState === "visible") {
      const before = run.overview.state;
      try {
        const state = await page.fetch(`runs/${run.number}/state`);
        const more = state.individuals > before.individuals ? await page.fetch(`runs/${run.number}/added/${run.columns.next}`) : null;
        if (more !== null) page.appendColumns(run.columns, more);
        run.overview.state = state;
        if (shown?.run === run && JSON.stringify(state) !== JSON.stringify(before)) {
          drawHeader(run);
          if (more !== null) await shown.view.update();
        }
        header.classList.remove("lost");
        if (state.status === "running") pause = LIVE_MS;
      } catch {
        header.classList.add("lost"); // the viewer has ended or is restarted: the page stays readable
      }
    }
    setTimeout(watch, Math.max(pause, 10 * (performance.now() - begun)));
  }

  async function begin() {
    page.runNames = await page.fetch("runs");
    window.addEventListener("hashchange", route);
    await route();
    if (!page.isReport) setTimeout(watch, LIVE_MS);
  }
  begin().catch(fail);
}
