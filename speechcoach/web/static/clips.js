// Players: how fast they play, and links that play a moment of a sound in the page instead of opening it.
"use strict";
{
  let stop = null; // seconds at which a clip ends
  const play = (audio, from, to) => {
    stop = to;
    const start = () => { audio.currentTime = from; audio.play().catch(() => {}); };
    if (audio.readyState >= 1) start();
    else { audio.addEventListener("loadedmetadata", start, { once: true }); audio.load(); }
  };
  for (const choice of document.querySelectorAll("[data-speed-of]")) {
    const audio = document.getElementById(choice.dataset.speedOf);
    const set = () => { audio.defaultPlaybackRate = audio.playbackRate = Number(choice.value); };
    choice.addEventListener("change", set);
    set();
  }
  for (const audio of document.querySelectorAll("audio")) {
    audio.addEventListener("timeupdate", () => {
      if (stop !== null && audio.currentTime >= stop) { stop = null; audio.pause(); }
    });
  }
  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-seek]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const audio = document.getElementById(link.dataset.of);
    if (link.dataset.sound && audio.getAttribute("src") !== link.dataset.sound) audio.src = link.dataset.sound;
    audio.hidden = false;
    for (const other of document.querySelectorAll("[data-seek][aria-current]")) other.removeAttribute("aria-current");
    link.setAttribute("aria-current", "true");
    play(audio, Number(link.dataset.seek), link.dataset.until ? Number(link.dataset.until) : null);
  });
}
