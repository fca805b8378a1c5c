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
      const first = head.textContent === "Date" || head.textContent === "Doubtful" ? "descending" : "ascending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? other : first;
      for (const each of heads) each.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const rows = [...body.rows].sort((a, b) => compare(key(a, column), key(b, column), sign));
      body.append(...rows);
    });
  });

  const filter = document.querySelector(".filter");
  filter.hidden = false;
  filter.addEventListener("input", (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const row of body.rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
})();
