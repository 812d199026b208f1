"use strict";
(() => {
  const table = document.getElementById("table"), body = table.tBodies[0], form = document.getElementById("filters");
  const heads = [...table.tHead.rows[0].cells], shown = document.getElementById("shown"), order = new Intl.Collator(undefined, { numeric: true });
  const more = document.getElementById("more");
  let most = 300; // rows at a time: a browser lays these out while one types
  let calls = [...body.rows].map((row) => ({ row, text: row.textContent.toLowerCase() })); // read once: pages may hold thousands

  const value = (cell, numeric) => {
    const text = cell.dataset.value ?? cell.textContent.trim();
    return text === "–" || text === "" ? null : numeric ? Number(text) : text;
  };
  const sort = (at, way) => {
    const numeric = heads[at].classList.contains("n");
    const cells = calls.map((call) => ({ call, value: value(call.row.cells[at], numeric) }));
    const known = cells.filter((cell) => cell.value !== null), unknown = cells.filter((cell) => cell.value === null);
    known.sort((a, b) => way * (numeric ? a.value - b.value : order.compare(a.value, b.value)));
    calls = [...known, ...unknown].map((cell) => cell.call); // what is unknown stays below, either way
    body.append(...calls.map((call) => call.row));
    filter();
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
      const found = fits && words.every((word) => text.includes(word));
      count += found;
      row.hidden = !found || count > most;
    }
    more.hidden = count <= most;
    shown.textContent = `${count} of ${calls.length} calls${more.hidden ? "" : `, the first ${most} shown`}`;
  };
  form.addEventListener("input", filter);
  more.addEventListener("click", () => {
    most = Infinity;
    filter();
    shown.focus(); // the button is gone
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  filter(); // a browser that goes back to the page fills the form again
})();
