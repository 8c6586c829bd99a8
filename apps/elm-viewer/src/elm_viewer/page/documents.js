"use strict";
// Where documents come from: the server, or the report that this page is.
{
  const inside = document.getElementById("documents");
  const embedded = inside === null ? null : JSON.parse(inside.textContent);

  /** Whether this page is a report, which does not change and holds only some individuals. */
  page.isReport = embedded !== null;

  /** The document at `path`; throws an Error with a sentence for people. */
  page.fetch = async (path) => {
    if (embedded !== null) {
      const found = Object.hasOwn(embedded, path) ? embedded[path] : { error: "This is not in the report." };
      if (found?.error !== undefined) throw new Error(found.error);
      return found;
    }
    let answer;
    try {
      answer = await fetch("documents/" + path);
    } catch {
      throw new Error("The viewer does not answer: start elm-viewer again.");
    }
    const found = await answer.json();
    if (!answer.ok) throw new Error(found.error);
    return found;
  };
}
