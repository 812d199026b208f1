// Pitch and level as thin lines, one small plot a speaker, on the timeline's axis.
"use strict";
(() => {
  const { data, view } = SC;
  const WHAT = {
    pitch: { name: "pitch", step: data.steps.pitch, range: [-14, 14], lines: [-12, 0, 12], unit: "st" },
    level: { name: "level", step: data.steps.level, range: [-26, 20], lines: [-12, 0, 12], unit: "dB" },
  };
  const HEIGHT = 58;

  function column(text, step) {
    return Array.from(new Int8Array(SC.bytes(text).buffer), (v) => (v === data.steps.nothing ? null : v * step));
  }

  // The zero line is the speaker's own median; the others are an octave, or 12 dB, away from it.
  function grid(what) {
    return (plot) => {
      const { ctx, bbox } = plot;
      ctx.save();
      ctx.strokeStyle = SC.css("--rule");
      ctx.lineWidth = devicePixelRatio;
      for (const value of what.lines) {
        const y = Math.round(plot.valToPos(value, "y", true)) + 0.5;
        ctx.setLineDash(value ? [2 * devicePixelRatio, 4 * devicePixelRatio] : []);
        ctx.beginPath();
        ctx.moveTo(bbox.left, y);
        ctx.lineTo(bbox.left + bbox.width, y);
        ctx.stroke();
      }
      ctx.restore();
    };
  }

  function add(role, name, kind) {
    const what = WHAT[kind], contour = data.contours[role];
    const y = column(contour[kind], what.step);
    if (!y.some((v) => v !== null)) return;
    const x = Float64Array.from(y, (_, i) => contour.start_s + i * contour.hop_s);
    const label = document.createElement("span");
    label.textContent = `${name} ${what.name}`;
    const scale = document.createElement("small");
    scale.textContent = `\u00b112 ${what.unit}`;
    const holder = view.row([label, scale], `lane-contour ${role}`, HEIGHT);
    const plot = new uPlot({
      width: view.width, height: HEIGHT, padding: [0, 0, 0, 0],
      legend: { show: false }, cursor: { show: false }, select: { show: false },
      axes: [{ show: false }, { show: false }],
      scales: { x: { time: false, auto: false, min: view.t0, max: view.t1 }, y: { auto: false, range: what.range } },
      series: [{}, { stroke: () => SC.css(`--${role}`), width: 1.5, points: { show: false }, spanGaps: false }],
      hooks: { drawClear: [grid(what)] },
    }, [x, y], holder);
    const paint = (v) => {
      if (plot.width !== v.width) plot.setSize({ width: v.width, height: HEIGHT });
      plot.setScale("x", { min: v.t0, max: v.t1 });
    };
    paint.recolour = () => plot.redraw();
    view.paint(paint);
  }

  for (const kind of ["pitch", "level"]) {
    for (const [role, name] of data.speakers) if (data.contours[role]) add(role, name, kind);
  }
  view.refresh();
})();
