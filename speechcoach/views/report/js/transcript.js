// The transcript follows the sound: the current word is marked, and kept in view until the reader scrolls.
"use strict";
(() => {
  const { $, player } = SC;
  const box = $("talk");
  if (!box) return;
  const follow = $("follow"), find = $("find");
  const LATE_S = 0.3; // a word stays marked through a short gap, or the mark would flicker
  const words = [...box.querySelectorAll(".w")].map((el) => ({ el, start: +el.dataset.start, end: +el.dataset.end }));
  words.sort((a, b) => a.start - b.start);
  const starts = words.map((w) => w.start);
  const longest = Math.max(0, ...words.map((w) => w.end - w.start)) + LATE_S;
  let lit = new Set();
  let following = true;
  let own = 0; // our own scrolling ends by then; later scrolling is the reader's

  function after(time) { // index of the first word that starts later
    let lo = 0, hi = starts.length;
    while (lo < hi) { const mid = (lo + hi) >> 1; if (starts[mid] <= time) lo = mid + 1; else hi = mid; }
    return lo;
  }

  function at(time) {
    const now = new Set(), spoken = new Set();
    for (let i = after(time) - 1; i >= 0 && words[i].start >= time - longest; i--) {
      const line = words[i].el.closest(".line, .aside");
      if (spoken.has(line)) continue; // one word a line: two speakers may each have theirs
      spoken.add(line);
      if (time <= words[i].end + LATE_S) now.add(words[i].el);
    }
    return now;
  }

  function mark(time) {
    const now = at(time);
    for (const el of lit) if (!now.has(el)) el.classList.remove("now");
    for (const el of now) if (!lit.has(el)) el.classList.add("now");
    const fresh = [...now].find((el) => !lit.has(el));
    lit = now;
    if (fresh && player.playing && following) show(fresh);
  }

  function show(el) {
    const frame = box.getBoundingClientRect(), word = el.getBoundingClientRect();
    if (box.scrollHeight <= box.clientHeight + 1) return;
    if (word.top > frame.top + 24 && word.bottom < frame.bottom - 60) return;
    own = performance.now() + 800;
    box.scrollTo({ top: box.scrollTop + word.top - frame.top - frame.height * 0.3, behavior: SC.calm.matches ? "auto" : "smooth" });
  }

  function setFollowing(on) {
    following = on;
    follow.hidden = on;
  }

  for (const event of ["wheel", "touchmove"]) box.addEventListener(event, () => { if (player.playing) setFollowing(false); }, { passive: true });
  box.addEventListener("scroll", () => { if (player.playing && performance.now() > own) setFollowing(false); }, { passive: true });
  follow.addEventListener("click", () => { setFollowing(true); lit = new Set(); mark(player.time); });
  player.on("time", mark);
  box.addEventListener("click", (event) => {
    const word = event.target.closest(".w");
    if (!word || String(getSelection())) return; // selecting text to copy it is no wish to play
    setFollowing(true);
    player.seek(+word.dataset.start, true);
    SC.view.reveal(player.time);
  });

  // Find: lines without the text are hidden, the words of a hit are marked.
  const lines = [...box.querySelectorAll(".line")].map((el) => {
    let text = "";
    const parts = [...el.querySelectorAll(".w")].map((word) => {
      const from = text.length;
      text += `${word.textContent.toLowerCase()} `;
      return { word, from, to: text.length - 1 };
    });
    return { el, text, parts };
  });
  find?.addEventListener("input", () => {
    const wanted = find.value.trim().toLowerCase();
    let hits = 0;
    for (const { el, text, parts } of lines) {
      const ranges = [];
      for (let i = wanted ? text.indexOf(wanted) : -1; i >= 0; i = text.indexOf(wanted, i + wanted.length)) ranges.push([i, i + wanted.length]);
      hits += ranges.length;
      el.hidden = Boolean(wanted) && !ranges.length;
      for (const { word, from, to } of parts) word.classList.toggle("hit", ranges.some(([a, b]) => a < to && b > from));
    }
    $("found").textContent = wanted ? `${hits} found` : "";
  });
})();
