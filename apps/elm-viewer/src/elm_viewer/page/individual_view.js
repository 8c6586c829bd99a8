"use strict";
// Everything about one individual.
{
  function heading(run, individual) {
    const { axes } = run.overview;
    const facts = [];
    individual.measures.forEach((value, i) => facts.push([axes[i] ? axes[i].name.replaceAll("_", " ") : "measure " + i, axes[i] ? page.measure(axes[i], value) : page.number(value)]));
    if (individual.niche >= 0) facts.push(["niche", page.number(individual.niche)]);
    facts.push(["step", page.number(individual.step)], ["recorded", page.time(individual.recorded)]);
    return page.el(
      "section", { class: "card individual-head" },
      page.el("div", { class: "title" },
        page.el("h2", {}, "Individual #" + individual.id),
        page.el("span", { class: "badge " + page.fateClass(individual) }, page.fate(individual)),
        page.el("a", { class: "close", href: page.route.href({ id: null }), "aria-label": "Close this individual" }, "✕")),
      page.el("p", { class: "fitness" }, "fitness ", page.el("b", {}, page.number(individual.fitness)),
        individual.improvement > 0 && page.el("span", { class: "gain" }, " +" + page.number(individual.improvement))),
      individual.feedback && page.el("p", { class: "feedback " + page.fateClass(individual) }, individual.feedback),
      page.el("dl", { class: "facts" }, facts.map(([name, value]) => [page.el("dt", {}, name), page.el("dd", {}, value)])),
    );
  }

  /** Tabs: `choices` are [label, make]; a null `make` leaves one out. */
  function tabs(choices) {
    const offered = choices.filter(([, make]) => make !== null);
    const panel = page.el("div", {});
    const buttons = offered.map(([label, make], i) => page.el("button", { type: "button", class: "tab", "aria-pressed": "false", click: () => choose(i) }, label));
    function choose(chosen) {
      buttons.forEach((button, i) => button.setAttribute("aria-pressed", String(i === chosen)));
      panel.replaceChildren(offered[chosen][1]());
    }
    if (offered.length) choose(0);
    return [page.el("div", { class: "tabs" }, buttons), panel];
  }

  function genotype(individual) {
    if (individual.lines === null) return page.el("section", { class: "card" }, page.el("h2", {}, "Genotype"), page.el("p", { class: "note" }, "No child could be made."));
    const { difference, lines, language } = individual;
    return page.el(
      "section", { class: "card" },
      page.el("h2", {}, { python: "Program", json: "Genotype", text: "Text" }[language]),
      tabs([
        ["whole", () => page.programText(lines, language)],
        difference === null ? ["", null] : ["changes to #" + difference.parent, () => page.programChanges(difference.lines, lines, difference.blocks, language)],
      ]),
    );
  }

  function origin(individual) {
    const { usage, parents } = individual;
    const links = parents.flatMap((parent) => [page.el("a", { href: page.route.href({ id: parent.id }) }, "#" + parent.id), ` (${page.number(parent.fitness)}) `]);
    const lost = Object.entries(individual.lost).map(([cause, count]) => `${count} ${cause}`).join(", ");
    const facts = [
      ["parents", links.length ? links : "none"],
      ["operator", individual.operator || "–"],
      ["model", individual.model || "none"],
      usage.requests > 0 && ["tokens", `${page.number(usage.prompt_tokens)} read, ${page.number(usage.completion_tokens)} written, ${page.number(usage.requests)} requests`],
      usage.requests > 0 && ["time at the model", page.duration(usage.seconds)],
      ["evaluation", page.duration(individual.evaluation_seconds)],
      lost && ["discarded draws", lost],
    ].filter(Boolean);
    return page.el("section", { class: "card" }, page.el("h2", {}, "Origin and cost"), page.el("dl", { class: "facts" }, facts.map(([name, value]) => [page.el("dt", {}, name), page.el("dd", {}, value)])));
  }

  function exchange(individual) {
    if (individual === null) return null;
    const { request, reply } = individual;
    return page.el(
      "section", { class: "card" },
      page.el("h2", {}, "Prompt and reply"),
      request.map(([name, text]) => page.el("details", { open: name === "instruction" }, page.el("summary", {}, name), page.el("pre", { class: "plain", tabindex: "0" }, text))),
      page.el("details", {}, page.el("summary", {}, "reply"), page.el("pre", { class: "plain", tabindex: "0" }, reply)),
    );
  }

  function offspring(document) {
    if (document.rows.length === 0) return null;
    return page.el(
      "section", { class: "card" }, page.el("h2", {}, "Children"),
      page.el("ul", { class: "chips" }, document.rows.map((child) => page.el("li", {}, page.el("a", { class: "chip " + page.fateClass(child), href: page.route.href({ id: child.id }), title: page.fate(child) }, "#" + child.id, " ", child.fitness === null ? page.fate(child) : page.number(child.fitness))))),
      document.more && page.el("p", { class: "note" }, "and more"),
    );
  }

  let wanted = null;

  /** Fill `place` with the individual `id`; what comes later (lineage, children) is added when it is there. */
  page.showIndividual = async (run, id, place) => {
    const own = (wanted = {});
    const base = `runs/${run.number}/individuals/${id}`;
    const later = page.el("div", { class: "side" });
    try {
      const individual = await page.fetch(base);
      if (own !== wanted) return;
      const shown = [page.phenotype(run, individual), genotype(individual)];
      if (individual.language === "text") shown.reverse(); // a poem is its own phenotype
      const parts = [heading(run, individual), ...shown, origin(individual), later];
      place.replaceChildren(...parts.filter(Boolean));
      place.dataset.shown = String(id);
    } catch (error) {
      if (own === wanted) place.replaceChildren(page.el("section", { class: "card" }, page.el("p", { class: "note" }, error.message), page.el("a", { href: page.route.href({ id: null }) }, "Close")));
      return;
    }
    const asked = page.el("div", {});
    const [line, children] = await Promise.all([page.fetch(base + "/lineage"), page.fetch(base + "/children")]);
    if (own !== wanted) return;
    later.replaceChildren(...[asked, page.lineage(run, id, line), offspring(children)].filter(Boolean));
    const onRecord = await page.fetch(base + "/request"); // last: the first one reads the whole journal
    if (own === wanted) asked.replaceWith(exchange(onRecord) ?? "");
  };
}
