"use strict";
(() => {
  const table = document.getElementById("table"), body = table.tBodies[0], form = document.getElementById("filters");
  const heads = [...table.tHead.rows[0].cells], shown = document.getElementById("shown"), order = new Intl.Collator(undefined, { numeric: true });
  const calls = [...body.rows].map((row) => ({ row, text: row.textContent.toLowerCase() })); // read once: pages may hold thousands

  const value = (cell, numeric) => {
    const text = cell.dataset.value ?? cell.textContent.trim();
    return text === "–" || text === "" ? null : numeric ? Number(text) : text;
  };
  const sort = (at, way) => {
    const numeric = heads[at].classList.contains("n");
    const cells = calls.map(({ row }) => ({ row, value: value(row.cells[at], numeric) }));
    const known = cells.filter((cell) => cell.value !== null), unknown = cells.filter((cell) => cell.value === null);
    known.sort((a, b) => way * (numeric ? a.value - b.value : order.compare(a.value, b.value)));
    body.append(...[...known, ...unknown].map((cell) => cell.row)); // what is unknown stays below, either way
  };
  heads.forEach((head, at) => {
    const button = head.querySelector("button"), other = { ascending: "descending", descending: "ascending" };
    button.addEventListener("click", () => {
      const next = other[head.getAttribute("aria-sort")] ?? button.dataset.first;
      heads.forEach((one) => one.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", next);
      sort(at, next === "ascending" ? 1 : -1);
    });
  });

  const filter = () => {
    const wanted = Object.fromEntries(new FormData(form)), words = (wanted.text ?? "").toLowerCase().split(/\s+/);
    let count = 0;
    for (const { row, text } of calls) {
      const fits = ["team", "queue", "agent"].every((key) => !wanted[key] || row.dataset[key] === wanted[key]);
      row.hidden = !(fits && words.every((word) => text.includes(word)));
      count += !row.hidden;
    }
    shown.textContent = `${count} of ${calls.length} calls`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  filter(); // a browser that goes back to the page fills the form again
})();
