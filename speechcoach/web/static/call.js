// What the application adds to a call's page: addresses that lead to a time, times taken from the player, and forms
// that are answered in their place while the sound goes on.
"use strict";
(() => {
  const { player, view } = SC;

  // #t=12.3 leads to a time, #f-... to a moment, which may be folded away.
  function arrive() {
    const hash = decodeURIComponent(location.hash.slice(1));
    const time = /^t=(\d+(?:\.\d+)?)$/.exec(hash);
    if (time) {
      player.seek(+time[1], false);
      view.reveal(player.time);
      document.getElementById("timeline").scrollIntoView();
    } else if (hash) {
      const there = document.getElementById(hash);
      for (let fold = there?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
      there?.scrollIntoView();
    }
  }
  addEventListener("hashchange", arrive);
  arrive();

  document.addEventListener("click", (event) => {
    const taker = event.target.closest("button[data-take]");
    if (!taker) return;
    const tenths = Math.round(player.time * 10);
    const field = taker.form.elements[taker.dataset.take];
    field.value = `${Math.floor(tenths / 600)}:${String(Math.floor(tenths / 10) % 60).padStart(2, "0")}.${tenths % 10}`;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // The report in a file speaks of a file beside it; here the sound comes from the server.
  player.audio.addEventListener("error", async () => {
    const answer = await fetch(player.audio.src, { headers: { Range: "bytes=0-0" } }).catch(() => null);
    player.trouble(answer?.status === 410 ? await answer.text() : "The recording does not play here. Sign in again, or reload the page.");
  });

  const place = (element) => element.closest(".slot, #by-hand, #scorecard, #listening");
  document.addEventListener("htmx:afterSwap", (event) => {
    const part = event.detail.elt;
    part.focus?.({ preventScroll: true });
    const kept = part.querySelector?.(".verdict:last-of-type, .reply:last-of-type");
    document.getElementById("said").textContent = kept ? `Kept. ${kept.textContent.trim().split("\n")[0]}` : "Kept.";
  });
  function refused(event, sentence) {
    const said = place(event.detail.elt)?.querySelector(":scope > .wrong");
    if (!said) return;
    said.textContent = sentence;
    said.hidden = false;
  }
  document.addEventListener("htmx:responseError", (event) => refused(event, event.detail.xhr.responseText || "This did not work."));
  document.addEventListener("htmx:sendError", (event) => refused(event, "The server does not answer. What you wrote is still here: try again."));
})();
