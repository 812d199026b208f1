// The spectrogram's lanes, one a channel, drawn when first asked for.
"use strict";
(() => {
  const { $, data, view } = SC;
  const button = $("spectrogram-show");
  if (!button) return;
  const { seconds, pictures, labels } = data.spectrogram;
  const HEIGHT = 128; // two pixels a band
  const COARSE_PX = 20; // columns wider than that are shown as the steps they are, not blurred into one another
  let lanes = null;

  function add(picture, channel) {
    const { name } = SC.side(channel);
    const label = document.createElement("span");
    label.textContent = name;
    const scale = labels.map(([text, height]) => {
      const mark = document.createElement("small");
      mark.className = "hertz";
      mark.textContent = text;
      mark.style.top = `${HEIGHT * (1 - height)}px`;
      return mark;
    });
    const after = document.querySelector(".lane-wave")?.nextSibling;
    const plot = view.row([label, ...scale], "lane-spectrogram", HEIGHT, after);
    const image = new Image();
    image.alt = `Spectrogram, ${name}`;
    image.draggable = false;
    image.onload = view.refresh;
    image.src = `data:image/png;base64,${picture}`;
    plot.append(image);
    view.paint((v) => {
      image.style.width = `${seconds * v.pps}px`;
      image.classList.toggle("coarse", seconds * v.pps > COARSE_PX * image.naturalWidth);
      image.style.transform = `translateX(${-v.left}px)`;
    });
    return plot.parentElement;
  }

  function toggle() {
    const shown = button.getAttribute("aria-pressed") !== "true";
    // Each lane goes in right below the waveform, so the last comes first.
    lanes ??= pictures.map((picture, channel) => [picture, channel]).reverse().map((pair) => add(...pair));
    for (const lane of lanes) lane.hidden = !shown;
    $("spectrogram-key").hidden = !shown;
    button.setAttribute("aria-pressed", shown);
    view.refresh();
  }

  button.addEventListener("click", toggle);
})();
