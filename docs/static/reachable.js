// What scrolls sideways can be scrolled with the keyboard too, and says what it is.
for (const box of document.querySelectorAll(".highlight pre, .table-wrapper")) {
  if (box.scrollWidth > box.clientWidth) {
    box.tabIndex = 0;
    box.setAttribute("role", "region");
    box.setAttribute("aria-label", box.matches("pre") ? "Code" : "Table");
  }
}
