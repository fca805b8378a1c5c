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
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input")) return;
    if (event.key === "j") step(pairs, true);
    if (event.key === "k") step(pairs, false);
    if (event.key === "d") step(pairs.filter((p) => p.matches(".doubtful")), true);
  });
})();
