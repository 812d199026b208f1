// Buttons, keys and the choice of side.
"use strict";
(() => {
  const { $, data, player, view } = SC;
  const moments = data.findings
    .flatMap((f) => f.spans.map(([start, end]) => ({ id: f.id, title: f.title, start, end, spans: f.spans })))
    .sort((a, b) => a.start - b.start);
  let current = -1;

  // Plays what an element stands for: `data-play` is its time, `data-lead` how much earlier to begin.
  SC.go = (item) => {
    const start = +item.dataset.play;
    const card = item.dataset.finding ?? item.closest('[id^="f-"]')?.id.slice(2);
    const index = moments.findIndex((m) => m.id === card && Math.abs(m.start - start) < 1e-6);
    if (index >= 0) name(index);
    player.seek(Math.max(0, start - +(item.dataset.lead ?? 0)), true);
    view.reveal(player.time);
  };

  function name(index) {
    current = index;
    const moment = moments[index];
    $("moment").textContent = `${index + 1} of ${moments.length}: ${moment.title}`;
    view.select(moment.spans);
    for (const card of document.querySelectorAll('[id^="f-"].current')) card.classList.remove("current");
    const card = $(`f-${moment.id}`);
    card?.classList.add("current");
    unfold(card);
  }

  // Cards past the first dozen, and many moments of one kind, are folded away; a link to one opens its folds.
  function unfold(card) {
    for (let fold = card?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  }

  function step(by) {
    if (!moments.length) return;
    // From where the sound is, unless the last step has just been there: then from that one.
    const time = player.time;
    const near = current >= 0 && Math.abs(moments[current].start - time) < 2;
    const later = moments.findIndex((m) => m.start > time);
    let index = near ? current + by : by < 0 ? moments.findLastIndex((m) => m.start < time) : later < 0 ? moments.length : later;
    index = Math.min(Math.max(index, 0), moments.length - 1);
    name(index);
    player.seek(Math.max(0, moments[index].start - 1), true);
    view.reveal(player.time);
  }

  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#f-"]');
    if (link) unfold($(decodeURIComponent(link.hash.slice(1))));
    const item = event.target.closest("button[data-play]");
    if (item) SC.go(item);
  });
  $("play").addEventListener("click", () => player.toggle());
  $("previous").addEventListener("click", () => step(-1));
  $("next").addEventListener("click", () => step(1));
  $("previous").disabled = $("next").disabled = !moments.length;
  $("moment").textContent = moments.length ? `${moments.length} moments` : "No moments";
  $("zoom-in").addEventListener("click", () => view.zoom(2));
  $("zoom-out").addEventListener("click", () => view.zoom(0.5));
  $("zoom-fit").addEventListener("click", () => view.zoom(0));
  $("rate").addEventListener("change", () => { player.audio.playbackRate = +$("rate").value; });
  $("total").textContent = SC.clock(player.duration);
  player.on("time", (time) => { const text = SC.clock(time); if ($("now").textContent !== text) $("now").textContent = text; });
  player.on("state", () => {
    document.body.classList.toggle("playing", player.playing);
    $("play").setAttribute("aria-label", player.playing ? "Pause" : "Play");
  });

  // Hearing one side: its channel goes to both ears, the other's to none. The graph is built at the first
  // choice, so that whoever never asks keeps the browser's plain playback.
  const sides = data.channels === 2 && player.mode !== "none" && !(player.mode === "beside" && location.protocol === "file:")
    && new Set(Object.values(data.roles)).size === 2
    ? data.speakers.filter(([role]) => role in data.roles) : [];
  let gains = null;
  function hear(role) {
    const only = data.roles[role];
    if (only === undefined && !gains) return;
    if (!gains) {
      const context = new AudioContext();
      const splitter = context.createChannelSplitter(2), merger = context.createChannelMerger(2);
      context.createMediaElementSource(player.audio).connect(splitter);
      gains = [0, 1].map((from) => [0, 1].map((to) => {
        const gain = context.createGain();
        splitter.connect(gain, from);
        gain.connect(merger, 0, to);
        return gain.gain;
      }));
      merger.connect(context.destination);
      context.resume();
    }
    gains.forEach((row, from) => row.forEach((gain, to) => { gain.value = only === undefined ? +(from === to) : +(from === only); }));
  }
  SC.gains = () => gains?.map((row) => row.map((gain) => gain.value));
  if (sides.length === 2) {
    $("side").append(new Option("both sides", "both"), ...sides.map(([role, text]) => new Option(`${text.toLowerCase()} only`, role)));
    $("side").addEventListener("change", () => hear($("side").value));
    $("side-choice").hidden = false;
    if ($("side-keys")) $("side-keys").hidden = false;
  }
  function choose(role) {
    if (!sides.length) return;
    $("side").value = role;
    hear(role);
  }

  const keys = {
    " ": () => player.toggle(),
    ArrowLeft: () => nudge(-2), ArrowRight: () => nudge(2),
    n: () => step(1), p: () => step(-1),
    "+": () => view.zoom(2), "=": () => view.zoom(2), "-": () => view.zoom(0.5), 0: () => view.zoom(0),
    s: () => $("spectrogram-show")?.click(),
    a: () => choose("agent"), c: () => choose("customer"), b: () => choose("both"),
  };
  function nudge(by) { player.seek(player.time + by); view.reveal(player.time); }
  document.addEventListener("keydown", (event) => {
    if (!$("keys-on").checked || event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target;
    if (target.matches("input:not([type=checkbox]), select, textarea")) return;
    if (event.key === " " && target.matches("button, a, summary, input")) return; // space presses what has the focus
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
})();
