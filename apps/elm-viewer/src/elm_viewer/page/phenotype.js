"use strict";
// What an individual builds, part by part.
{
  function walker(run, id, part) {
    const stage = page.el("div", {});
    const show = async (which) => {
      stage.replaceChildren(page.el("p", { class: "note" }, "Running the walker ..."));
      try {
        stage.replaceChildren(page.walkerAnimation(await page.fetch(`runs/${run.number}/individuals/${id}/replays/${which}`)));
      } catch (error) {
        stage.replaceChildren(page.el("p", { class: "note" }, error.message));
      }
    };
    const names = part.runs.map(({ terrain, travel }, i) => [i, `${terrain}: ${page.number(travel)} units`]);
    show(0);
    return [names.length > 1 ? page.select("terrain", names, 0, show) : page.el("p", { class: "note" }, "terrain ", names[0][1]), stage];
  }

  const PARTS = {
    walker,
    image: (_run, _id, part) => page.png(part.png, part.name === "png" ? "the image that the program draws" : part.name),
    puzzle: (_run, _id, part) => page.el("dl", { class: "facts" }, part.facts.map(([name, value]) => [page.el("dt", {}, name.replaceAll("_", " ")), page.el("dd", {}, page.el("code", {}, value))])),
    examples: (_run, _id, part) => [
      page.el("h3", {}, part.name.replaceAll("_", " ")),
      page.el("div", { class: "wide" }, page.el("table", { class: "examples" },
        page.el("thead", {}, page.el("tr", {}, part.columns.map((name) => page.el("th", {}, name.replaceAll("_", " "))))),
        page.el("tbody", {}, part.rows.map((row) => page.el("tr", {}, row.map((cell) => page.el("td", {}, cell))))))),
      part.more > 0 && page.el("p", { class: "note" }, `${part.more} more are in the run.`),
    ],
    text: (_run, _id, part) => [page.el("h3", {}, part.name.replaceAll("_", " ")), page.el("div", { class: "prose" }, part.text)],
    data: (_run, _id, part) => page.el("pre", { class: "plain", tabindex: "0" }, part.text),
  };

  /** The card of a phenotype; null if nothing of it is on record. */
  page.phenotype = (run, individual) => {
    if (individual.phenotype.length === 0) return null;
    return page.el("section", { class: "card" }, page.el("h2", {}, "Phenotype"), individual.phenotype.map((part) => PARTS[part.kind](run, individual.id, part)));
  };
}
