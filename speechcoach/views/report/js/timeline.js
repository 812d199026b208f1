// The time axis that all lanes share. The viewport scrolls; the stage inside it stays where it is and
// is painted anew for what is in view, so an hour of call costs no more than a minute.
"use strict";
(() => {
  const { $, player } = SC;
  const viewport = $("viewport"), spacer = $("spacer"), stage = $("stage");
  const MAX_PPS = 240; // pixels a second: a syllable is then as wide as a thumb
  const painters = [];
  let scale = 1; // 1 = the whole call fits
  let queued = false;
  let touched = -1e9; // when the reader last scrolled: the view does not run away from them

  const view = SC.view = {
    gutter: 0, width: 1, pps: 1, left: 0,
    get t0() { return this.left / this.pps; },
    get t1() { return (this.left + this.width) / this.pps; },
    x(time) { return time * this.pps - this.left; },
    paint(painter) { painters.push(painter); },
    row, zoom, reveal, select, refresh: layout,
  };

  // A labelled lane; returns the element to draw in.
  function row(label, className, height, before) {
    const lane = document.createElement("div");
    lane.className = `row ${className}`;
    const name = document.createElement("div");
    name.className = "row-label";
    name.append(...[label].flat());
    const plot = document.createElement("div");
    plot.className = "row-plot";
    plot.style.height = `${height}px`;
    lane.append(name, plot);
    stage.insertBefore(lane, before ?? null);
    return plot;
  }

  const band = stage.appendChild(document.createElement("div"));
  band.className = "bands";
  const head = stage.appendChild(document.createElement("div"));
  head.className = "playhead";
  const ruler = row("", "ruler", 22);
  let selected = [];

  function select(spans) { selected = spans; queue(); }

  function layout() {
    view.gutter = parseFloat(getComputedStyle(stage).getPropertyValue("--gutter")) || 0;
    view.width = Math.max(50, viewport.clientWidth - view.gutter);
    const fit = view.width / player.duration;
    scale = Math.min(Math.max(1, scale), Math.max(1, MAX_PPS / fit));
    view.pps = fit * scale;
    // Before the stage is measured again, or its own width would hold the spacer open.
    stage.style.width = `${viewport.clientWidth}px`;
    spacer.style.width = `${view.gutter + Math.max(view.width, Math.floor(player.duration * view.pps))}px`;
    $("zoom-out").disabled = $("zoom-fit").disabled = scale <= 1.001;
    $("zoom-in").disabled = view.pps >= MAX_PPS * 0.999;
    queue();
  }

  function zoom(factor) {
    const anchor = player.time >= view.t0 && player.time <= view.t1 ? player.time : (view.t0 + view.t1) / 2;
    const at = factor ? view.x(anchor) : 0;
    scale = factor ? scale * factor : 1;
    layout();
    scrollTo(anchor * view.pps - at);
  }

  function scrollTo(left) {
    viewport.scrollLeft = left;
    view.left = viewport.scrollLeft; // at once, for whoever asks before the next frame
    queue();
  }

  function reveal(time) {
    if (time < view.t0 || time > view.t1) scrollTo(time * view.pps - view.width * 0.15);
  }

  function queue() {
    if (queued) return;
    queued = true;
    requestAnimationFrame(() => {
      queued = false;
      view.left = viewport.scrollLeft;
      drawRuler();
      for (const painter of painters) painter(view);
      drawBands();
      drawHead();
    });
  }

  function drawHead() {
    const x = view.x(player.time);
    head.style.transform = `translateX(${view.gutter + x}px)`;
    head.hidden = x < -1 || x > view.width + 1;
  }

  function drawBands() {
    band.replaceChildren(...selected.filter(([a, b]) => b >= view.t0 && a <= view.t1).map(([a, b]) => {
      const part = document.createElement("i");
      const x0 = Math.max(0, view.x(a)), x1 = Math.min(view.width, view.x(b));
      part.style.left = `${view.gutter + x0}px`;
      part.style.width = `${Math.max(2, x1 - x0)}px`;
      return part;
    }));
  }

  function drawRuler() {
    const steps = [0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1200, 1800, 3600];
    const step = steps.find((s) => s * view.pps >= 72) ?? 7200;
    const ticks = [];
    for (let t = Math.ceil(view.t0 / step) * step; t <= Math.min(view.t1, player.duration); t += step) {
      if (view.x(t) > view.width - 30) break; // its label would be cut
      const tick = document.createElement("span");
      tick.style.left = `${view.x(t)}px`;
      tick.textContent = SC.clock(t) + (step < 1 ? `.${Math.round((t % 1) * 10)}` : "");
      ticks.push(tick);
    }
    ruler.replaceChildren(...ticks);
  }

  stage.addEventListener("click", (event) => {
    const x = event.clientX - stage.getBoundingClientRect().left - view.gutter;
    if (x < 0) return;
    const item = event.composedPath().find((e) => e.dataset?.play !== undefined);
    if (item) SC.go(item); else player.seek((view.left + x) / view.pps, true);
  });
  viewport.addEventListener("scroll", queue, { passive: true });
  for (const event of ["wheel", "touchmove", "pointerdown"]) {
    viewport.addEventListener(event, () => { touched = performance.now(); }, { passive: true });
  }
  new ResizeObserver(layout).observe(viewport);
  player.on("time", (time) => {
    drawHead();
    if (player.playing && performance.now() - touched > 4000) reveal(time);
  });
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { for (const p of painters) p.recolour?.(); queue(); });
})();
