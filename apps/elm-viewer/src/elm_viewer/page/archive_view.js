"use strict";
// The archive: map with choice of axes, the time slider, and beside it the chosen individual or the best elites.
{
  const BEST = 12;
  const PLAY_SECONDS = 8;

  function stepChooser(run, change) {
    let last = Math.max(0, run.overview.state.steps - 1);
    let playing = null;
    const slider = page.el("input", { type: "range", min: 0, max: last, value: last, step: 1, "aria-label": "Step of the search", input: () => set(Number(slider.value)) });
    const said = page.el("output", { class: "at-step" });
    const button = page.el("button", { type: "button", class: "quiet", click: () => (playing === null ? play() : stop()) }, "▶ Play");

    function tell(step) {
      slider.setAttribute("aria-valuetext", `step ${step} of ${last}`);
      said.textContent = `step ${page.number(step)} of ${page.number(last)}`;
    }
    function set(step) {
      slider.value = step;
      tell(step);
      change(step >= last ? Infinity : step);
    }
    function stop() {
      cancelAnimationFrame(playing);
      playing = null;
      button.textContent = "▶ Play";
    }
    function play() {
      const from = Number(slider.value) >= last ? 0 : Number(slider.value);
      const begun = performance.now();
      button.textContent = "❚❚ Pause";
      const tick = (now) => {
        const step = Math.min(last, Math.round(from + (last * (now - begun)) / (1000 * PLAY_SECONDS)));
        if (step !== Number(slider.value)) set(step);
        if (step >= last || !element.isConnected) stop();
        else playing = requestAnimationFrame(tick);
      };
      playing = requestAnimationFrame(tick);
    }
    const element = page.el("div", { class: "steps" }, button, slider, said);
    tell(last);
    return {
      element,
      grow() {
        const followed = Number(slider.value) >= last;
        last = Math.max(0, run.overview.state.steps - 1);
        slider.max = last;
        if (followed) slider.value = last;
        tell(Number(slider.value));
      },
    };
  }

  function axisChoices(run, view, redraw) {
    const { axes } = run.overview;
    const { niches } = run;
    if (axes.length < 3) return null;
    const names = axes.map((axis, i) => [i, axis.name.replaceAll("_", " ")]);
    const element = page.el("div", { class: "choices" });
    const fill = () => {
      const others = niches.kind === "grid" ? names.filter(([i]) => i !== view.x && i !== view.y) : [];
      const pick = (name, other) => (value) => {
        const before = view[name];
        view[name] = Number(value);
        if (view[other] === view[name]) view[other] = before;
        delete view.slices[view.x];
        delete view.slices[view.y];
        fill();
        redraw();
      };
      element.replaceChildren(
        page.select("across", names, view.x, pick("x", "y")),
        page.select("up", names, view.y, pick("y", "x")),
        ...others.map(([i, name]) => {
          const edges = niches.edges[i];
          const bins = axes[i].categories?.map((category, bin) => [bin, category])
            ?? d3.range(edges.length - 1).map((bin) => [bin, page.number(edges[bin]) + " to " + page.number(edges[bin + 1])]);
          return page.select(name, [["all", "best of all"], ...bins], view.slices[i] ?? "all", (value) => {
            if (value === "all") delete view.slices[i];
            else view.slices[i] = Number(value);
            redraw();
          });
        }),
      );
    };
    fill();
    return element;
  }

  /** The fittest elites as a list of links. */
  function bestList(run, elites) {
    const { columns, overview } = run;
    const best = [...elites].sort((a, b) => columns.fitness[b] - columns.fitness[a] || columns.id[a] - columns.id[b]).slice(0, BEST);
    const rows = best.map((place) => page.el(
      "tr", {},
      page.el("td", {}, page.el("a", { href: page.route.href({ id: columns.id[place] }) }, "#" + columns.id[place])),
      page.el("td", { class: "figure" }, page.number(columns.fitness[place])),
      ...overview.axes.slice(0, 4).map((axis, i) => page.el("td", { class: "figure" }, page.measure(axis, columns.measures[i][place]))),
    ));
    return page.el(
      "section", { class: "card" },
      page.el("h2", {}, "Fittest elites"),
      elites.length === 0
        ? page.el("p", { class: "note" }, "The archive is still empty.")
        : page.el("div", { class: "wide" }, page.el("table", {},
          page.el("thead", {}, page.el("tr", {}, page.el("th", {}, "elite"), page.el("th", { class: "figure" }, "fitness"),
            ...overview.axes.slice(0, 4).map((axis) => page.el("th", { class: "figure" }, page.axisLabel(axis))))),
          page.el("tbody", {}, rows))),
      page.el("p", { class: "note" }, "Click a cell of the map, or walk it with the arrow keys, to open an elite."),
    );
  }

  page.archiveView = (run) => {
    const { axes } = run.overview;
    if (axes.length === 0) {
      const element = page.el("section", { class: "card" }, page.el("p", { class: "note" }, "This run has no behaviour space on record, so there is no map; see its individuals."));
      return { element, update() {} };
    }
    const view = { x: 0, y: axes.length > 1 ? 1 : null, slices: {}, selected: page.route.get().id, step: Infinity };
    const map = page.archiveMap(run, (place) => page.route.go({ id: run.columns.id[place] }));
    const legend = page.el("div", {});
    const figures = page.el("p", { class: "figures" });
    const side = page.el("div", { class: "side" });
    let elites = [];

    function redraw() {
      const current = page.archiveAt(run, Infinity);
      view.range = page.fitnessRange(run, current); // fixed while the slider moves, so that colours can be compared
      elites = view.step === Infinity ? current : page.archiveAt(run, view.step);
      view.elites = elites;
      map.draw(view);
      legend.replaceChildren(page.fitnessLegend(view.range, run.niches.kind === "grid" || run.niches.kind === "centroids"));
      const best = d3.max(elites, (place) => run.columns.fitness[place]);
      const total = run.overview.state.statistics?.niches;
      figures.replaceChildren(...[
        page.el("b", {}, page.number(elites.length)), total ? ` of ${page.number(total)} niches filled` : " elites",
        ", best fitness ", page.el("b", {}, page.number(best)),
        run.niches.pending && page.el("span", { class: "note" }, " (the niches are being computed)"),
      ].filter(Boolean));
    }

    function showSide() {
      const { id } = page.route.get();
      if (id === null) side.replaceChildren(bestList(run, elites));
      else page.showIndividual(run, id, side);
    }

    const steps = stepChooser(run, (step) => {
      view.step = step;
      redraw();
    });
    const choices = page.el("div", {});
    const offer = () => choices.replaceChildren(axisChoices(run, view, redraw) ?? "");
    offer();
    const element = page.el(
      "div", { class: "archive" },
      page.el("section", { class: "card map-card", "aria-label": "Archive map" }, choices, map.element, legend, figures, steps.element),
      side,
    );
    return {
      element,
      shown() {
        redraw();
        showSide();
      },
      routed() {
        map.select(page.route.get().id);
        showSide();
        if (page.route.get().id !== null && matchMedia("(max-width: 60rem)").matches) side.scrollIntoView({ block: "start" });
      },
      niches() {
        offer(); // only now it is known which axes can be cut
        redraw();
      },
      update() {
        steps.grow();
        redraw();
        if (page.route.get().id === null) showSide();
      },
    };
  };
}
