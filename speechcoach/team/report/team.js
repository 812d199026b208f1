"use strict";
(() => {
  const table = document.getElementById("table"), body = table.tBodies[0], form = document.getElementById("filters");
  const rows = [...body.rows], heads = [...table.tHead.rows[0].cells], shown = document.getElementById("shown");
  const value = (row, at) => {
    const cell = row.cells[at], text = cell.dataset.value ?? cell.textContent.trim();
    return text === "–" || text === "" ? null : text;
  };
  const compare = (a, b, at, numeric) => {
    const x = value(a, at), y = value(b, at);
    if (x === null || y === null) return (x === null) - (y === null); // what is unknown stays below
    return numeric ? x - y : x.localeCompare(y, undefined, { numeric: true });
  };
  heads.forEach((head, at) => head.querySelector("button").addEventListener("click", () => {
    const down = head.getAttribute("aria-sort") === "ascending";
    const numeric = head.classList.contains("n"), way = down ? -1 : 1;
    heads.forEach((other) => other.setAttribute("aria-sort", "none"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const known = rows.filter((row) => value(row, at) !== null), unknown = rows.filter((row) => value(row, at) === null);
    body.append(...known.sort((a, b) => way * compare(a, b, at, numeric)), ...unknown);
  }));
  const filter = () => {
    const wanted = Object.fromEntries(new FormData(form)), text = (wanted.text ?? "").toLowerCase();
    let count = 0;
    for (const row of rows) {
      const fits = ["team", "queue", "agent"].every((key) => !wanted[key] || row.dataset[key] === wanted[key]);
      row.hidden = !(fits && row.textContent.toLowerCase().includes(text));
      count += !row.hidden;
    }
    shown.textContent = `${count} shown`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
})();
