(() => {
  "use strict";
  const lit = new Set();
  const light = (number) => {
    for (const element of lit) element.classList.remove("on");
    lit.clear();
    if (!number) return;
    for (const element of document.querySelectorAll(`[data-figure="${number}"]`)) {
      element.classList.add("on");
      lit.add(element);
    }
  };
  const figureAt = (event) => event.target.closest?.("[data-figure]")?.dataset.figure;
  document.addEventListener("pointerover", (event) => light(figureAt(event)));
  document.addEventListener("focusin", (event) => light(figureAt(event)));

  const pairs = [...document.querySelectorAll(".pair")];
  const step = (among, forward) => {
    const here = pairs.indexOf(document.activeElement.closest(".pair"));
    const at = (pair) => pairs.indexOf(pair);
    const next = forward ? among.find((p) => at(p) > here) : among.findLast((p) => here < 0 || at(p) < here);
    next?.focus({ preventScroll: true });
    next?.scrollIntoView({ block: "nearest" });
  };
  const text = (element) => (element?.textContent ?? "").replace(/\s+/g, " ").replace("\u2060", "").trim();
  const all = (selector, among = document) => [...among.querySelectorAll(selector)];
  const heading = () => [text(document.querySelector("h1")), text(document.querySelector(".masthead"))].join("\n");
  // Sentences with their marks, and below them what the marks stand for: the Chinese.
  const summary = () => {
    const sentences = all(".summary ol > li").map((li) => text(li.querySelector(".en")) + text(li.querySelector(".cite")));
    const cited = new Set(all(".summary .cite a").map((a) => decodeURIComponent(a.hash.slice(1))));
    const notes = pairs.filter((pair) => cited.has(pair.id)).map((pair) => `[${text(pair.querySelector(".at"))}] ${text(pair.querySelector(".zh"))}`);
    return [heading(), sentences.join(" "), notes.join("\n"), "Machine translation, unverified."].join("\n\n");
  };
  const rows = (selector) => all(`${selector} tbody tr`).map((row) => [...row.cells].map(text).filter(Boolean).join(" | "));
  const brief = () => [
    summary(),
    text(document.querySelector(".doubts .tally")),
    ...all(".doubts li").map((li) => `- ${text(li)}`),
    "", ...rows(".figures"), text(document.querySelector(".dates")),
    "", ...rows(".people"),
    "", ...all(".quotes li").map((li) => `${text(li.querySelector("blockquote p"))} (${text(li.querySelector(".speaker"))})`),
    "", ...pairs.map((pair) => `[${text(pair.querySelector(".at"))}] ${text(pair.querySelector(".en > p"))}\n${text(pair.querySelector(".zh"))}`),
  ].join("\n");
  const copy = async (words, told) => {
    try {
      await navigator.clipboard.writeText(words);
    } catch {
      const area = document.createElement("textarea");
      area.value = words;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    told.textContent = "Copied.";
  };
  const copying = document.querySelector(".copy");
  copying.hidden = false;
  copying.addEventListener("click", (event) => {
    const what = event.target.dataset.copy;
    if (what) copy(what === "summary" ? summary() : brief(), copying.querySelector("[role=status]"));
  });

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
    if (event.key === "j") step(pairs, true);
    if (event.key === "k") step(pairs, false);
    if (event.key === "d") step(pairs.filter((p) => p.matches(".doubtful")), true);
  });
})();
