// The lanes of boxes: who speaks, who speaks over whom, silences, moments; and the waveform above them.
"use strict";
(() => {
  const { data, view, player } = SC;
  const SHOWN_PAUSE_S = 3; // shorter silences are the ordinary rhythm of a conversation
  const css = (name) => getComputedStyle(document.body).getPropertyValue(name).trim();
  SC.css = css;
  // Whose voice a channel holds; "mixed" where it is more than one, or nobody knows.
  SC.side = (channel) => {
    const here = data.speakers.filter(([role]) => data.roles[role] === channel);
    if (here.length === 1) return { role: here[0][0], name: here[0][1] };
    return { role: "mixed", name: data.peaks.length === 1 ? "Both (mono)" : `Channel ${channel + 1}` };
  };

  function element(className, text, title) {
    const made = document.createElement("div");
    made.className = className;
    if (text) made.textContent = text;
    if (title) made.title = title;
    return made;
  }

  // Boxes sit on a strip as long as the call, placed in per cent: scrolling moves the strip alone.
  function strip(label, className, height, boxes) {
    const plot = view.row(label, className, height);
    const inner = plot.appendChild(element("strip"));
    for (const { start, node } of boxes) {
      node.style.left = `${(100 * start) / player.duration}%`;
      node.dataset.play ??= start;
      inner.append(node);
    }
    let pps = 0;
    view.paint((v) => {
      if (v.pps !== pps) {
        pps = v.pps;
        // In an overview of a long call the least width gives way, or the marks would lie on one another.
        for (const { start, end, node, least = 2 } of boxes) {
          node.classList.toggle("narrow", (end - start) * pps < 38);
          node.classList.toggle("tiny", pps < 4);
          node.style.width = `max(${pps < 4 ? Math.min(least, 7) : least}px, ${(100 * (end - start)) / player.duration}%)`;
        }
      }
      inner.style.width = `${player.duration * v.pps}px`;
      inner.style.transform = `translateX(${-v.left}px)`;
    });
    return inner;
  }

  function moments() {
    const boxes = [];
    for (const finding of data.findings) {
      finding.spans.forEach(([start, end]) => {
        const node = element(`pin ${finding.kind}`, "", `${finding.title} (${SC.clock(start)})`);
        node.dataset.play = start;
        node.dataset.lead = 1;
        node.dataset.finding = finding.id;
        boxes.push({ start, end: start, node, least: 14 });
      });
    }
    if (boxes.length) strip("Moments", "lane-moments", 30, boxes);
  }

  async function waveform() {
    if (!data.peaks.length) return;
    const height = data.peaks.length === 1 ? 72 : 52;
    const plot = view.row(data.peaks.map((_, channel) => {
      const part = element("wave-name", SC.side(channel).name);
      part.style.height = `${height}px`;
      return part;
    }), "lane-wave", height * data.peaks.length);
    const colours = () => data.peaks.map((_, channel) => {
      const { role } = SC.side(channel);
      return { waveColor: css(`--${role}-soft`), progressColor: css(`--${role}`), height };
    });
    const peaks = data.peaks.map((text) => Float32Array.from(new Int8Array(SC.bytes(text).buffer), (v) => v / 127));
    await player.ready; // wavesurfer keeps to the media element's source, so the source comes first
    const surfer = WaveSurfer.create({
      container: plot, peaks, duration: player.duration, splitChannels: colours(), height,
      interact: false, hideScrollbar: true, autoScroll: false, autoCenter: false, cursorWidth: 0, minPxPerSec: 0,
      ...(player.audio.src ? { media: player.audio } : {}),
    });
    SC.surfer = surfer;
    let pps = 0;
    const paint = (v) => {
      if (!surfer.getDecodedData()) return;
      const wanted = v.left || v.pps * player.duration > v.width + 1 ? v.pps : 0;
      if (wanted !== pps) { surfer.zoom(wanted); pps = wanted; }
      surfer.setScroll(v.left);
    };
    paint.recolour = () => surfer.setOptions({ splitChannels: colours() });
    surfer.on("ready", view.refresh);
    view.paint(paint);
  }

  function turns() {
    for (const [role, name] of data.speakers) {
      const own = data.turns.filter(([speaker]) => speaker === role);
      if (!own.length) continue;
      strip(name, `lane-turns ${role}`, 26, own.map(([, start, end, text]) => ({
        start, end, node: element(`turn-box ${role}`, text, `${name}, ${SC.clock(start)}, ${(end - start).toFixed(1)} s`),
      })));
    }
  }

  function overlaps() {
    if (!data.overlaps.length) return;
    const who = Object.fromEntries(data.speakers);
    strip("Overlaps", "lane-overlaps", 24, data.overlaps.map(([kind, start, end, by, why]) => {
      const [letter, name, means] = data.overlap_names[kind] ?? data.overlap_names.unclear;
      const title = `${name} by ${who[by] ?? by}, ${SC.clock(start)}: ${why || means}`;
      return { start, end, least: 22, node: element(`ov ov-${kind}`, letter, title) };
    }));
  }

  function silences() {
    const flagged = data.findings.filter((f) => f.title === "Dead air").flatMap((f) => f.spans.map(([start]) => start));
    const name = (kind, start) => kind === "hold" ? "Hold" : flagged.some((at) => Math.abs(at - start) < 0.05) ? "Dead air" : "Silence";
    const shown = data.pauses.filter(([kind, start, end]) => kind === "hold" || kind === "dead_air" || end - start >= SHOWN_PAUSE_S);
    if (!shown.length) return;
    strip("Silences", "lane-silences", 24, shown.map(([kind, start, end, announced, music]) => {
      const extra = [music && "music", announced === true && "announced", announced === false && "not announced"].filter(Boolean);
      const text = `${name(kind, start)} ${(end - start).toFixed(1)} s`;
      return { start, end, least: 6, node: element(`silence ${kind}`, text, [text, ...extra].join(", ")) };
    }));
  }

  moments();
  waveform();
  turns();
  overlaps();
  silences();
})();
