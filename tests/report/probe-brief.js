// Run by html.rs at the end of a brief; what it finds goes into `probe`.
const $ = (selector) => document.querySelector(selector);
const all = (selector) => [...document.querySelectorAll(selector)];
probe.pairs = all(".pair").length;
probe.both = all(".pair").filter((p) => p.querySelector(".en") && p.querySelector(".zh:lang(zh)")).length;
probe.dead = all("a[href^='#']").filter((a) => !document.getElementById(decodeURIComponent(a.hash.slice(1)))).length;
probe.links = all("a[href^='#s-']").length;
probe.requests = performance.getEntriesByType("resource").length;
const shade = (e) => getComputedStyle(e).backgroundColor;
probe.target = shade($(":target")) !== shade($("#s-p2s1"));
$("#s-p2s2 .en mark").dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
probe.lit = all(".on").map((e) => e.closest("td, .en, .zh, tr, .dates").className || e.tagName).sort();
document.body.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
probe.unlit = all(".on").length;
const press = (key) => document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
const steps = [];
for (const key of ["j", "j", "d", "d", "k"]) { press(key); steps.push(document.activeElement.id); }
probe.steps = steps;
probe.focus = shade(document.activeElement) !== shade($("#s-p2s1"));
probe.hidden = all("tr.more").filter((r) => getComputedStyle(r).display === "none").length;
$("#all-figures").click();
probe.shown = all("tr.more").filter((r) => getComputedStyle(r).display !== "none").length;
$("#english-only").click();
probe.chinese = all(".pair .zh").filter((p) => getComputedStyle(p).display !== "none").length;
