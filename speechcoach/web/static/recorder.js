// Records with the microphone into the form's file field. What is uploaded is WAV, 16 bit, one channel at 16 kHz: every
// browser records something else, and this one can be read everywhere. Until the form is sent nothing leaves the page.
"use strict";
{
  const RATE_HZ = 16000;
  const box = document.querySelector("[data-recorder]");
  const part = (name) => box.querySelector(`[data-${name}]`);
  const able = box && navigator.mediaDevices && window.MediaRecorder && window.OfflineAudioContext && window.DataTransfer;
  const clock = (s) => `${Math.floor(s / 60)}:${String(Math.floor(s % 60)).padStart(2, "0")}`;

  const wav = (samples) => {
    const view = new DataView(new ArrayBuffer(44 + 2 * samples.length));
    const text = (at, said) => [...said].forEach((sign, i) => view.setUint8(at + i, sign.charCodeAt(0)));
    text(0, "RIFF"); view.setUint32(4, 36 + 2 * samples.length, true); text(8, "WAVEfmt ");
    view.setUint32(16, 16, true); view.setUint16(20, 1, true); view.setUint16(22, 1, true);
    view.setUint32(24, RATE_HZ, true); view.setUint32(28, 2 * RATE_HZ, true);
    view.setUint16(32, 2, true); view.setUint16(34, 16, true);
    text(36, "data"); view.setUint32(40, 2 * samples.length, true);
    samples.forEach((x, i) => view.setInt16(44 + 2 * i, Math.max(-1, Math.min(1, x)) * 32767, true));
    return new Blob([view.buffer], { type: "audio/wav" });
  };

  const resampled = async (blob) => {
    const context = new AudioContext();
    try {
      const sound = await context.decodeAudioData(await blob.arrayBuffer());
      const offline = new OfflineAudioContext(1, Math.max(1, Math.ceil(sound.duration * RATE_HZ)), RATE_HZ);
      const source = new AudioBufferSourceNode(offline, { buffer: sound });
      source.connect(offline.destination);
      source.start();
      return (await offline.startRendering()).getChannelData(0);
    } finally { context.close(); }
  };

  const watch = (stream) => { // how loud it is now, and for how long it has run
    const context = new AudioContext();
    const ear = new AnalyserNode(context, { fftSize: 2048 });
    context.createMediaStreamSource(stream).connect(ear);
    const heard = new Float32Array(2048), begun = performance.now();
    const timer = setInterval(() => {
      ear.getFloatTimeDomainData(heard);
      const loud = 20 * Math.log10(Math.sqrt(heard.reduce((sum, x) => sum + x * x, 0) / heard.length) + 1e-6);
      part("level").style.width = `${Math.max(0, Math.min(100, (loud + 60) * 1.8))}%`;
      const s = (performance.now() - begun) / 1000;
      part("clock").textContent = clock(s);
      if (s >= Number(box.dataset.mostS)) part("stop").click();
    }, 100);
    return () => { clearInterval(timer); context.close(); part("level").style.width = "0"; };
  };

  let now = null; // what records at present
  const say = (text) => { part("said").textContent = text; };

  const record = async () => {
    let stream;
    try {
      // as it sounds: what a browser does to a voice for a telephone would flatten what is measured here
      const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
      stream = await navigator.mediaDevices.getUserMedia({ audio: plain });
    } catch (why) {
      say(why.name === "NotAllowedError" ? "The browser does not let this page use the microphone; allow it, or choose a file."
        : "No microphone was found; connect one, or choose a file.");
      return;
    }
    const recorder = now = new MediaRecorder(stream), parts = [];
    const ended = watch(stream);
    recorder.ondataavailable = (event) => parts.push(event.data);
    recorder.onstop = async () => {
      ended();
      stream.getTracks().forEach((track) => track.stop());
      part("stop").hidden = true;
      part("record").hidden = false;
      part("record").textContent = "Record once more";
      part("record").focus();
      try { keep(wav(await resampled(new Blob(parts, { type: recorder.mimeType })))); }
      catch { say("The recording could not be read; record it once more."); }
    };
    recorder.start(1000);
    part("record").hidden = true;
    part("stop").hidden = false;
    part("stop").focus();
    say("Recording. Speak as you do on a call.");
  };

  const keep = (blob) => {
    const files = new DataTransfer();
    files.items.add(new File([blob], "recording.wav", { type: "audio/wav" }));
    document.querySelector("input[name=sound]").files = files.files;
    const heard = part("heard");
    if (heard.src) URL.revokeObjectURL(heard.src);
    heard.src = URL.createObjectURL(blob);
    heard.hidden = false;
    say("Listen to it; then keep it, or record once more.");
  };

  if (able) {
    box.hidden = false;
    part("record").addEventListener("click", record);
    part("stop").addEventListener("click", () => { if (now && now.state !== "inactive") now.stop(); });
  }
}
