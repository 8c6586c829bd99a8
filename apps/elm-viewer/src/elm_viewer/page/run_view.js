"use strict";
// What the run was: configuration, seeds, the processes that wrote it.
{
  page.runView = (run) => {
    const { config, seeds, sessions, created, forked_from: origin } = run.overview;
    const facts = [
      ["created", page.time(created)],
      ["seeds", JSON.stringify(seeds)],
      origin && ["forked from", `${origin.path}, step ${origin.step}`],
    ].filter(Boolean);
    const rows = sessions.map((session) => [
      page.time(session.started),
      session.ended === null ? "–" : page.time(session.ended),
      session.reason || "–",
      page.number(session.first_step),
      `${session.provenance.host}, Python ${session.provenance.python}`,
      session.provenance.git_commit || "–",
    ]);
    const element = page.el(
      "div", { class: "stack" },
      page.el("section", { class: "card" }, page.el("h2", {}, "Run"), page.el("dl", { class: "facts" }, facts.map(([name, value]) => [page.el("dt", {}, name), page.el("dd", {}, value)]))),
      page.el("section", { class: "card" }, page.el("h2", {}, "Processes that wrote it"),
        page.el("div", { class: "wide" }, page.el("table", {},
          page.el("thead", {}, page.el("tr", {}, ["started", "ended", "because", "first step", "where", "commit"].map((name) => page.el("th", {}, name)))),
          page.el("tbody", {}, rows.map((cells) => page.el("tr", {}, cells.map((cell) => page.el("td", {}, cell)))))))),
      page.el("section", { class: "card" }, page.el("h2", {}, "Configuration"),
        Object.entries(config).map(([name, value]) => page.el("details", { open: ["env", "qd", "operator", "model"].includes(name) }, page.el("summary", {}, name), page.el("pre", { class: "plain", tabindex: "0" }, JSON.stringify(value, null, 2))))),
      page.el("section", { class: "card" }, page.el("h2", {}, "Versions"),
        sessions.slice(-1).map((session) => page.el("pre", { class: "plain", tabindex: "0" }, JSON.stringify(session.provenance.packages, null, 2)))),
    );
    return { element, update() {} };
  };
}
