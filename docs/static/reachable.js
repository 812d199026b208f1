// What the theme leaves out for readers who hear the page or use the keyboard alone.

// What scrolls sideways can be scrolled with the keyboard, and says what it is.
let count = 0;
for (const box of document.querySelectorAll(".highlight pre, .table-wrapper")) {
  if (box.scrollWidth > box.clientWidth) {
    count += 1;
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", `${box.matches("pre") ? "Code" : "Table"} ${count}`);
  }
}

// Captions of the navigation are headings of a level; the two sides of the page have names.
for (const caption of document.querySelectorAll("p.caption[role=heading]")) caption.setAttribute("aria-level", "2");
document.querySelector(".sidebar-drawer")?.setAttribute("aria-label", "All pages");
document.querySelector(".toc-drawer")?.setAttribute("aria-label", "This page");

// The corner of a table that names nothing is no heading.
for (const corner of document.querySelectorAll("th.head")) {
  if (!corner.textContent.trim()) corner.setAttribute("role", "presentation");
}
