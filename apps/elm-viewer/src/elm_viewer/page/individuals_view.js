"use strict";
// All individuals, failed ones included, the youngest first.
{
  const PAGE = 100;

  page.individualsView = (run) => {
    const side = page.el("div", { class: "side" });
    const body = page.el("tbody", {});
    const more = page.el("button", { type: "button", class: "quiet", click: () => load(oldest) }, "Older ones");
    const choices = page.el("div", { class: "choices" });
    const note = page.el("p", { class: "note" });
    let oldest = null;
    let filled = null; // the filter that the rows belong to

    async function rowsFor(before) {
      const { cause, operator } = page.route.get();
      if (!page.isReport) {
        const query = new URLSearchParams({ count: PAGE, cause, operator, ...(before === null ? {} : { before }) });
        return (await page.fetch(`runs/${run.number}/latest?${query}`)).rows;
      }
      const { rows } = await page.fetch(`runs/${run.number}/latest`);
      const fitting = rows.filter((row) => (!cause || row.cause === cause) && (!operator || row.operator === operator) && (before === null || row.id < before));
      return fitting.slice(0, PAGE);
    }

    async function load(before) {
      const rows = await rowsFor(before);
      if (before === null) body.replaceChildren();
      rows.forEach((row) => body.append(page.el(
        "tr", {},
        page.el("td", {}, page.el("a", { href: page.route.href({ id: row.id }) }, "#" + row.id)),
        page.el("td", {}, page.el("span", { class: "badge " + page.fateClass(row) }, page.fate(row))),
        page.el("td", { class: "figure" }, page.number(row.fitness)),
        page.el("td", {}, row.operator || "–"),
        page.el("td", {}, row.parents.map((parent, i) => [i > 0 && ", ", page.el("a", { href: page.route.href({ id: parent }) }, "#" + parent)])),
        page.el("td", { class: "figure" }, page.number(row.step)),
        ...run.overview.axes.slice(0, 4).map((axis, i) => page.el("td", { class: "figure" }, row.measures.length ? page.measure(axis, row.measures[i]) : "")),
      )));
      if (rows.length) oldest = rows.at(-1).id;
      more.hidden = rows.length < PAGE;
      note.textContent = body.childElementCount === 0 ? "There is none." : page.isReport ? "A report lists the youngest individuals and opens the elites and the ancestors of the best." : "";
    }

    async function fill() {
      const { cause, operator } = page.route.get();
      const key = JSON.stringify([cause, operator]);
      if (key === filled) return;
      filled = key;
      const { causes, credit } = await page.fetch(`runs/${run.number}/progress`);
      const operators = [...new Set(credit.map((row) => row.operator))].filter(Boolean);
      choices.replaceChildren(
        page.select("status", [["", "all"], ...causes.map((row) => [row.cause, `${row.cause} (${page.number(row.total)})`])], cause, (value) => page.route.go({ cause: value })),
        page.select("operator", [["", "all"], ...operators.map((name) => [name, name])], operator, (value) => page.route.go({ operator: value })),
      );
      await load(null);
    }

    function showSide() {
      const { id } = page.route.get();
      element.classList.toggle("with-side", id !== null);
      if (id === null) side.replaceChildren();
      else page.showIndividual(run, id, side);
    }

    const element = page.el(
      "div", { class: "individuals" },
      page.el("section", { class: "card" }, choices,
        page.el("div", { class: "wide" }, page.el("table", {},
          page.el("thead", {}, page.el("tr", {}, ["individual", "fate"].map((name) => page.el("th", {}, name)), page.el("th", { class: "figure" }, "fitness"), ["operator", "parents"].map((name) => page.el("th", {}, name)), page.el("th", { class: "figure" }, "step"),
            run.overview.axes.slice(0, 4).map((axis) => page.el("th", { class: "figure" }, page.axisLabel(axis))))),
          body)),
        note, more),
      side,
    );
    const routed = async () => {
      await fill();
      showSide();
      if (page.route.get().id !== null && matchMedia("(max-width: 60rem)").matches) side.scrollIntoView({ block: "start" });
    };
    return {
      element,
      shown: routed,
      routed,
      update() {
        filled = null; // younger ones are shown when the list is filled the next time, so that it does not move
      },
    };
  };
}
