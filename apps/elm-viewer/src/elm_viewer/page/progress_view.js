"use strict";
// How the run went: archive figures, valid share and causes of loss, credit of operators and models, cost.
{
  const prices = { prompt: 0, completion: 0 }; // money a million tokens; the store knows tokens only

  function tile(name, value, note) {
    return page.el("div", { class: "tile" }, page.el("span", {}, name), page.el("b", {}, value), note && page.el("small", {}, note));
  }

  function totals(credit) {
    const sum = (name) => d3.sum(credit, (row) => row[name]);
    return { individuals: sum("individuals"), valid: sum("valid"), requests: sum("requests"), prompt: sum("prompt_tokens"), completion: sum("completion_tokens"), model: sum("model_seconds"), evaluation: sum("evaluation_seconds") };
  }

  const money = (prompt, completion) => (prices.prompt * prompt + prices.completion * completion) / 1e6;

  function tiles(run, document) {
    const figures = run.overview.state.statistics;
    const total = totals(document.credit);
    const { seconds, individuals } = document.history;
    const lasted = seconds.length ? seconds.at(-1) : 0;
    return [
      tile("QD score", page.number(figures?.qd_score)),
      tile("coverage", page.percent(figures?.coverage ?? null), figures && `${page.number(figures.filled)} of ${page.number(figures.niches)} niches`),
      tile("best fitness", page.number(figures?.best)),
      tile("individuals", page.number(total.individuals), `${page.percent(total.valid / total.individuals)} valid`),
      tile("throughput", lasted > 0 ? page.number((individuals.at(-1) / lasted) * 60) + " /min" : "–", "in " + page.duration(lasted)),
      tile("tokens", page.number(total.prompt + total.completion), total.requests ? `${page.number(total.requests)} requests` : "no model asked"),
      (prices.prompt > 0 || prices.completion > 0) && tile("money", page.number(money(total.prompt, total.completion)), "at the prices below"),
    ];
  }

  function causes(document, length) {
    const all = document.causes;
    const intervals = all.length ? all[0].counts.length : 0;
    const sums = d3.range(intervals).map((i) => d3.sum(all, (cause) => cause.counts[i]));
    const lost = all.filter(({ cause }) => cause !== "ok");
    const top = lost.slice(0, 6);
    const rest = lost.slice(6);
    const rows = top.map(({ cause, counts }) => ({ label: cause, counts }));
    if (rest.length) rows.push({ label: `${rest.length} others`, counts: d3.range(intervals).map((i) => d3.sum(rest, (cause) => cause.counts[i])) });
    let below = new Array(intervals).fill(0);
    const series = rows.map(({ label, counts }, i) => {
      const shown = counts.map((count, interval) => (sums[interval] ? count / sums[interval] : 0));
      below = below.map((share, interval) => share + shown[interval]);
      return { label, values: below, shown, colour: page.hue(i), fill: page.hue(i), stepped: true };
    });
    const xs = d3.range(intervals).map((i) => (i + 1) * length);
    const highest = Math.max(0.05, ...below);
    return page.curves("Lost children by cause", "individuals", xs, series.reverse(), { format: page.percent, range: () => [0, Math.min(1, highest * 1.1)], note: series.length ? "Share of each group of " + page.number(length) + " children; the causes are stacked." : "No child was lost." });
  }

  function losses(document) {
    const total = d3.sum(document.causes, (cause) => cause.total);
    const row = (name, count, share, route) => page.el("tr", {}, page.el("td", {}, route ? page.el("a", { href: route }, name) : name), page.el("td", { class: "figure" }, page.number(count)), page.el("td", { class: "figure" }, share === null ? "" : page.percent(share)));
    return page.el(
      "section", { class: "card" }, page.el("h2", {}, "What became of the children"),
      page.el("div", { class: "wide" }, page.el("table", {},
        page.el("thead", {}, page.el("tr", {}, page.el("th", {}, "status"), page.el("th", { class: "figure" }, "children"), page.el("th", { class: "figure" }, "share"))),
        page.el("tbody", {},
          document.causes.map(({ cause, total: count }) => row(cause === "ok" ? "ok (valid)" : cause, count, count / total, page.route.href({ view: "individuals", cause, id: null }))),
          Object.entries(document.lost).map(([cause, count]) => row(`${cause} (draw discarded, asked again)`, count, null, null))))),
    );
  }

  function credit(document) {
    const columns = [
      ["operator", (row) => row.operator || "–", ""],
      ["model", (row) => row.model || "–", ""],
      ["children", (row) => page.number(row.individuals), "figure"],
      ["valid", (row) => page.percent(row.valid / row.individuals), "figure"],
      ["new niches", (row) => page.number(row.new), "figure"],
      ["improved", (row) => page.number(row.improved), "figure"],
      ["taken", (row) => page.percent((row.new + row.improved) / row.individuals), "figure"],
      ["gain in QD score", (row) => page.number(row.improvement), "figure"],
      ["tokens", (row) => page.number(row.prompt_tokens + row.completion_tokens), "figure"],
      ["model time", (row) => page.duration(row.model_seconds), "figure"],
      ["evaluation time", (row) => page.duration(row.evaluation_seconds), "figure"],
      ["money", (row) => page.number(money(row.prompt_tokens, row.completion_tokens)), "figure"],
    ].filter(([name]) => name !== "money" || prices.prompt > 0 || prices.completion > 0);
    return page.el(
      "section", { class: "card" }, page.el("h2", {}, "Credit of operators and models"),
      page.el("div", { class: "wide" }, page.el("table", {},
        page.el("thead", {}, page.el("tr", {}, columns.map(([name, , kind]) => page.el("th", { class: kind }, name)))),
        page.el("tbody", {}, document.credit.map((row) => page.el("tr", {}, columns.map(([, text, kind]) => page.el("td", { class: kind }, text(row)))))))),
    );
  }

  function priceInputs(changed) {
    const input = (name) => page.el("label", { class: "choice" }, page.el("span", {}, name + " tokens"), page.el("input", { type: "number", min: 0, step: "any", value: prices[name], change: (event) => {
      prices[name] = Math.max(0, Number(event.target.value) || 0);
      changed();
    } }));
    return page.el("section", { class: "card" }, page.el("h2", {}, "Prices"), page.el("p", { class: "note" }, "The run has tokens on record, not money. Give the model's prices for a million tokens to see what they cost."), page.el("div", { class: "choices" }, input("prompt"), input("completion")));
  }

  /** Children a minute over the run, smoothed over a twentieth of it. */
  function throughput(history) {
    const span = Math.max(1, Math.round(history.seconds.length / 20));
    return history.seconds.map((seconds, i) => {
      const from = Math.max(0, i - span);
      const elapsed = seconds - history.seconds[from];
      return elapsed > 0 ? (60 * (history.individuals[i] - history.individuals[from])) / elapsed : null;
    });
  }

  page.progressView = (run) => {
    let document = null;
    let over = "individuals";
    // Only what changes is drawn again, so that a control keeps the focus while the run goes on.
    const place = (kind) => page.el("div", { class: kind });
    const [tilesPlace, chartsPlace, creditPlace, lossesPlace] = [place("tiles"), place("charts"), place("stack"), place("stack")];
    const choices = Object.entries(page.RUNS_OVER).map(([name, { label }]) => [name, label]);
    const element = page.el(
      "div", { class: "stack" },
      tilesPlace,
      page.el("div", { class: "choices" }, page.select("curves over", choices, over, (value) => {
        over = value;
        render();
      })),
      chartsPlace,
      creditPlace,
      page.el("div", { class: "charts" }, lossesPlace, priceInputs(renderPriced)),
    );

    function renderPriced() {
      tilesPlace.replaceChildren(...tiles(run, document).filter(Boolean));
      creditPlace.replaceChildren(credit(document));
    }
    function render() {
      if (document === null) return;
      const { history } = document;
      const xs = page.RUNS_OVER[over].of(history);
      const { label } = page.RUNS_OVER[over];
      const share = (part, whole) => part.map((value, i) => (whole[i] ? value / whole[i] : null));
      renderPriced();
      chartsPlace.replaceChildren(
        page.curves("QD score", label, xs, [{ label: "QD score", colour: page.hue(0), values: history.qd_score }]),
        page.curves("Coverage", label, xs, [{ label: "coverage", colour: page.hue(2), values: share(history.filled, history.niches) }], { format: page.percent }),
        page.curves("Fitness", label, xs, [{ label: "best", colour: page.hue(1), values: history.best }, { label: "mean of elites", colour: page.hue(3), values: history.mean, dash: [5, 4] }]),
        page.curves("Valid share", label, xs, [{ label: "valid so far", colour: page.hue(5), values: share(history.valid, history.individuals) }], { format: page.percent, range: () => [0, 1] }),
        causes(document, document.length),
        page.curves("Throughput", label, xs, [{ label: "children a minute", colour: page.hue(4), values: throughput(history) }]),
      );
      lossesPlace.replaceChildren(losses(document));
    }
    async function load() {
      document = await page.fetch(`runs/${run.number}/progress`);
      render();
    }
    return { element, shown: load, update: load, recolour: render };
  };
}
