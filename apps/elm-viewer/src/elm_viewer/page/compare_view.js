"use strict";
// Two or more runs on the same axes: curves, archive maps in the same colours, final figures.
{
  function sameMap(one, other) {
    const shape = ({ overview, niches }) => JSON.stringify([overview.axes, niches]);
    return one.overview.axes.length > 0 && shape(one) === shape(other);
  }

  /** What a run is called in charts, where its name is too long. */
  const letter = (i) => String.fromCharCode(65 + (i % 26));

  function table(runs, histories) {
    const rows = runs.map((run, i) => {
      const { state, config } = run.overview;
      const figures = state.statistics;
      const history = histories[i];
      return [
        [page.el("span", { class: "swatch", "data-hue": i }), letter(i), " ", page.el("a", { href: page.route.href({ run: run.number, view: "archive", id: null }) }, run.overview.name)],
        `${config.env?.name ?? "–"} / ${config.qd?.name ?? "–"}`,
        config.operator?.name ?? "–",
        page.number(state.individuals),
        page.percent(figures?.coverage ?? null),
        page.number(figures?.qd_score),
        page.number(figures?.best),
        page.duration(history.seconds.at(-1) ?? null),
      ];
    });
    const names = ["run", "environment / algorithm", "operator", "individuals", "coverage", "QD score", "best", "time"];
    const element = page.el("div", { class: "wide" }, page.el("table", {},
      page.el("thead", {}, page.el("tr", {}, names.map((name, i) => page.el("th", { class: i > 2 ? "figure" : "" }, name)))),
      page.el("tbody", {}, rows.map((cells) => page.el("tr", {}, cells.map((cell, i) => page.el("td", { class: i > 2 ? "figure" : "" }, cell)))))));
    element.querySelectorAll(".swatch").forEach((swatch) => (swatch.style.backgroundColor = page.hue(Number(swatch.dataset.hue))));
    return element;
  }

  function maps(runs) {
    const [first] = runs;
    if (!runs.every((run) => sameMap(first, run))) return page.el("p", { class: "note" }, "The archives have different axes or niches, so there is no common map.");
    const elites = runs.map((run) => page.archiveAt(run, Infinity));
    const ranges = runs.map((run, i) => page.fitnessRange(run, elites[i]));
    const range = [Math.min(...ranges.map(([low]) => low)), Math.max(...ranges.map(([, high]) => high))];
    const y = first.overview.axes.length > 1 ? 1 : null;
    return [
      page.fitnessLegend(range, true),
      page.el("div", { class: "maps" }, runs.map((run, i) => {
        const map = page.archiveMap(run, (place) => page.route.go({ run: run.number, view: "archive", id: run.columns.id[place] }));
        requestAnimationFrame(() => map.draw({ x: 0, y, slices: {}, elites: elites[i], range, selected: null }));
        return page.el("figure", {}, page.el("figcaption", {}, letter(i), " ", run.overview.name), map.element);
      })),
    ];
  }

  page.compareView = (_run) => {
    const element = page.el("div", { class: "stack" });
    let over = "individuals";

    function chooser(chosen) {
      const boxes = page.runNames.map((name, number) => page.el("label", {}, page.el("input", { type: "checkbox", checked: chosen.includes(number), change: (event) => {
        const next = event.target.checked ? [...chosen, number] : chosen.filter((other) => other !== number);
        page.route.go({ compare: next.sort((a, b) => a - b).join(",") });
      } }), " ", name));
      return page.el("section", { class: "card" }, page.el("h2", {}, "Runs to compare"), page.el("div", { class: "checks" }, boxes));
    }

    async function render() {
      const { compare, run: current } = page.route.get();
      const chosen = compare.length ? compare : [...new Set([current, ...page.runNames.keys()])].slice(0, 2).sort((a, b) => a - b);
      const runs = await Promise.all(chosen.map(page.loadRun));
      const documents = await Promise.all(chosen.map((number) => page.fetch(`runs/${number}/progress`)));
      await Promise.all(runs.map((run) => run.nichesKnown));
      const histories = documents.map(({ history }) => history);
      const { of, label } = page.RUNS_OVER[over];
      const chart = (title, values, options) => {
        const tables = histories.map((history) => [of(history), values(history)]);
        const [xs, ...curves] = tables.length ? page.joined(tables) : [[]];
        return page.curves(title, label, xs, curves.map((curve, i) => ({ label: letter(i), colour: page.hue(i), values: curve })), options);
      };
      const share = (history) => history.filled.map((value, i) => (history.niches[i] ? value / history.niches[i] : null));
      element.replaceChildren(
        chooser(chosen),
        ...(runs.length === 0 ? [] : [
          page.el("section", { class: "card" }, page.el("h2", {}, "Figures"), table(runs, histories)),
          page.el("div", { class: "choices" }, page.select("curves over", Object.entries(page.RUNS_OVER).map(([name, { label: text }]) => [name, text]), over, (value) => {
            over = value;
            render();
          })),
          page.el("div", { class: "charts" },
            chart("QD score", (history) => history.qd_score),
            chart("Coverage", share, { format: page.percent }),
            chart("Best fitness", (history) => history.best),
          ),
          page.el("section", { class: "card" }, page.el("h2", {}, "Archives"), maps(runs)),
        ]),
      );
    }
    return { element, shown: render, routed: render, update: render, recolour: render };
  };
}
