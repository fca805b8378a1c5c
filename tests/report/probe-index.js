// Run by html.rs at the end of an index; what it finds goes into `probe`.
const column = (n) => [...document.querySelectorAll("tbody tr")].filter((r) => !r.hidden).map((r) => r.cells[n].innerText.trim());
const press = (n) => document.querySelectorAll("th button")[n].click();
probe.first = column(0);
press(0); probe.older = column(0);
press(3); probe.doubtful = column(3);
press(1); probe.papers = column(1).filter(Boolean).length;
const find = document.querySelector("input");
find.value = "晨報"; find.dispatchEvent(new Event("input", { bubbles: true }));
probe.found = column(0);
