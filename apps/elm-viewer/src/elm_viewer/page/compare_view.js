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
    let over = "individuals";
    // Only what changes is drawn again, so that a control keeps the focus.
    const place = (kind) => page.el("div", { class: kind });
    const [figures, charts, archives] = [place("stack"), place("charts"), place("stack")];
    const boxes = page.runNames.map((name, number) => page.el("input", { type: "checkbox", "aria-label": name, change: (event) => {
      const others = chosen().filter((other) => other !== number);
      page.route.go({ compare: (event.target.checked ? [...others, number] : others).sort((a, b) => a - b).join(",") || "none" });
    } }));
    const element = page.el(
      "div", { class: "stack" },
      page.el("section", { class: "card" }, page.el("h2", {}, "Runs to compare"), page.el("div", { class: "checks" }, boxes.map((box, number) => page.el("label", {}, box, " ", page.runNames[number])))),
      figures,
      page.el("div", { class: "choices" }, page.select("curves over", Object.entries(page.RUNS_OVER).map(([name, { label }]) => [name, label]), over, (value) => {
        over = value;
        render();
      })),
      charts,
      archives,
    );

    /** The runs that the address names; without any, the one that was open and the next. */
    function chosen() {
      const { compare, run } = page.route.get();
      return compare ?? [...new Set([run, ...page.runNames.keys()])].slice(0, 2).sort((a, b) => a - b);
    }

    async function render() {
      const numbers = chosen();
      boxes.forEach((box, number) => (box.checked = numbers.includes(number)));
      const runs = await Promise.all(numbers.map(page.loadRun));
      const documents = await Promise.all(numbers.map((number) => page.fetch(`runs/${number}/progress`)));
      await Promise.all(runs.map((run) => run.nichesKnown));
      if (String(numbers) !== String(chosen())) return; // others were chosen meanwhile
      const histories = documents.map(({ history }) => history);
      const { of, label } = page.RUNS_OVER[over];
      const chart = (title, values, options) => {
        const [xs, ...curves] = page.joined(histories.map((history) => [of(history), values(history)]));
        return page.curves(title, label, xs, curves.map((curve, i) => ({ label: letter(i), colour: page.hue(i), values: curve })), options);
      };
      const share = (history) => history.filled.map((value, i) => (history.niches[i] ? value / history.niches[i] : null));
      for (const part of [figures, charts, archives]) part.replaceChildren();
      if (runs.length === 0) return;
      figures.append(page.el("section", { class: "card" }, page.el("h2", {}, "Figures"), table(runs, histories)));
      charts.append(chart("QD score", (history) => history.qd_score), chart("Coverage", share, { format: page.percent }), chart("Best fitness", (history) => history.best));
      archives.append(page.el("section", { class: "card" }, page.el("h2", {}, "Archives"), maps(runs)));
    }
    return { element, shown: render, routed: render, update: render, recolour: render };
  };
}
