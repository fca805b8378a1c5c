(() => {
  "use strict";
  const table = document.querySelector("table");
  if (!table) return;
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const key = (row, column) => {
    const { key, number } = row.cells[column].dataset;
    return number === undefined ? key : Number(number);
  };
  const compare = (a, b, sign) =>
    // What is not known comes last in either direction.
    (a === "") - (b === "") || sign * (typeof a === "number" ? a - b : a.localeCompare(b, "zh"));
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const first = ["News", "Date", "Doubtful"].includes(head.textContent) ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? other : first;
      for (const each of heads) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const rows = [...body.rows].sort((a, b) => compare(key(a, column), key(b, column), sign));
      body.append(...rows);
      // Articles on one story stand together by news value alone.
      body.classList.toggle("apart", column > 0);
    });
  });

  const filter = document.querySelector(".filter");
  filter.hidden = false;
  filter.addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    let found = 0;
    for (const row of body.rows) {
      row.hidden = !(row.textContent.toLowerCase() + row.dataset.text).includes(wanted);
      found += !row.hidden;
    }
    filter.querySelector("[role=status]").textContent = wanted ? `${found} of ${body.rows.length}` : "";
  });

  // A brief asks for its neighbours, which only the index knows.
  const asked = /^#(before|after)=(.*)$/.exec(location.hash);
  if (asked) {
    const links = [...body.querySelectorAll(".article a")].map((a) => a.getAttribute("href"));
    const here = links.map(decodeURIComponent).indexOf(decodeURIComponent(asked[2]));
    const next = here < 0 ? undefined : links[here + (asked[1] === "after" ? 1 : -1)];
    if (next) location.replace(next);
  }
})();
