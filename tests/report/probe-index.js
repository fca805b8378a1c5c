// Run by html.rs at the end of an index; what it finds goes into `probe`.
const column = (n) => [...document.querySelectorAll("tbody tr")].filter((r) => !r.hidden).map((r) => r.cells[n].innerText.trim());
const press = (n) => document.querySelectorAll("th button")[n].click();
probe.first = column(1);
press(1); press(1); probe.older = column(1);
press(4); probe.doubtful = column(4);
press(2); probe.papers = column(2).filter(Boolean).length;
const find = document.querySelector("input");
find.value = "晨報"; find.dispatchEvent(new Event("input", { bubbles: true }));
probe.found = column(1);
