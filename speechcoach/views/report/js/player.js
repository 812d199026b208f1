// The clock of the page: one time in seconds, with or without sound behind it.
//
// The embedded MP3 is decoded whole and played as PCM. Playing the MP3 itself would be simpler, but a
// browser only estimates where to seek in an MP3, and a click would land up to half a second off.
"use strict";
const SC = {};
(() => {
  const $ = (id) => document.getElementById(id);
  const data = JSON.parse($("data").textContent);
  const audio = $("audio");
  const listeners = { time: [], state: [] };
  const mode = data.audio.mode;
  let bareTime = 0; // where the line stands while there is no sound to ask
  let ready = mode === "beside";
  let wanted = null; // asked for while the sound was still being decoded

  SC.data = data;
  SC.$ = $;
  SC.calm = window.matchMedia("(prefers-reduced-motion: reduce)");
  SC.bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  SC.clock = (s) => {
    const whole = Math.max(0, Math.floor(s));
    const two = (n) => String(n).padStart(2, "0");
    const h = Math.floor(whole / 3600);
    return h ? `${h}:${two(Math.floor(whole / 60) % 60)}:${two(whole % 60)}` : `${Math.floor(whole / 60)}:${two(whole % 60)}`;
  };
  SC.player = {
    audio,
    mode,
    duration: data.duration_s,
    get time() { return ready && mode !== "none" ? audio.currentTime : bareTime; },
    get playing() { return !audio.paused && !audio.ended; },
    on(what, call) { listeners[what].push(call); },
    seek, play, pause,
    toggle() { this.playing || wanted?.play ? pause() : play(); },
    trouble,
  };

  function tell(what) { for (const call of listeners[what]) call(SC.player.time); }

  function seek(time, andPlay) {
    bareTime = Math.min(Math.max(0, time), data.duration_s);
    if (mode !== "none") {
      if (ready) audio.currentTime = bareTime;
      else wanted = { play: andPlay || wanted?.play };
    }
    tell("time");
    if (andPlay) play();
  }

  function play() {
    if (mode === "none") return;
    if (!ready) { wanted = { play: true }; return; }
    // A seek that overtakes a start rejects its promise: that is no trouble.
    audio.play().catch((error) => { if (error.name !== "AbortError") trouble(`The audio does not play: ${error.message}`); });
  }

  function pause() {
    if (wanted) wanted.play = false;
    audio.pause();
  }

  function trouble(text) {
    $("trouble").textContent = text;
    $("trouble").hidden = !text;
  }

  async function decode() {
    const rate = data.audio.rate_hz;
    const found = await new OfflineAudioContext(data.channels, 1, rate).decodeAudioData(SC.bytes($("mp3").textContent).buffer);
    $("mp3").remove();
    // Decoders that ignore the encoder's note give back its delay (1105 samples) too: cut it off.
    const extra = found.length - data.audio.samples;
    audio.src = URL.createObjectURL(wav(found, extra > 500 ? Math.min(extra, 1105) : 0, rate));
    await new Promise((resolve, reject) => { audio.onloadedmetadata = resolve; audio.onerror = () => reject(audio.error); });
    ready = true;
    if (bareTime) audio.currentTime = bareTime;
    if (wanted?.play) play();
    wanted = null;
  }

  function wav(buffer, skip, rate) {
    const columns = [...Array(buffer.numberOfChannels).keys()].map((c) => buffer.getChannelData(c).subarray(skip));
    const n = columns[0].length, k = columns.length;
    const head = new DataView(new ArrayBuffer(44));
    const word = (at, text) => [...text].forEach((c, i) => head.setUint8(at + i, c.charCodeAt(0)));
    word(0, "RIFF"); head.setUint32(4, 36 + n * k * 2, true); word(8, "WAVEfmt ");
    head.setUint32(16, 16, true); head.setUint16(20, 1, true); head.setUint16(22, k, true);
    head.setUint32(24, rate, true); head.setUint32(28, rate * k * 2, true);
    head.setUint16(32, k * 2, true); head.setUint16(34, 16, true);
    word(36, "data"); head.setUint32(40, n * k * 2, true);
    const pcm = new Int16Array(n * k); // little-endian wherever a browser runs today
    columns.forEach((column, c) => {
      for (let i = 0; i < n; i++) pcm[i * k + c] = Math.max(-1, Math.min(1, column[i])) * 32767;
    });
    return new Blob([head.buffer, pcm.buffer], { type: "audio/wav" });
  }

  for (const event of ["play", "pause", "ended"]) audio.addEventListener(event, () => tell("state"));
  audio.addEventListener("seeked", () => tell("time"));
  if (mode === "beside") {
    audio.addEventListener("error", () => trouble(`${decodeURIComponent(data.audio.src)} was not found beside this report, or does not play here.`));
  }

  // timeupdate comes four times a second; a line that moves smoothly asks every frame.
  (function watch() {
    if (SC.player.playing) tell("time");
    requestAnimationFrame(watch);
  })();

  SC.player.ready = mode === "embedded"
    ? decode().catch((error) => trouble(`The audio could not be decoded: ${error?.message ?? error}`))
    : Promise.resolve();
})();
