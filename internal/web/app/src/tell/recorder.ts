// The microphone. Sound becomes Opus (where a browser has it) of about 24 kbit/s, in
// slices of some seconds that can be kept on the way; the container says what it is.
// Nothing of the device is asked for: no name, no choice among microphones.

import { stayAwake } from "../ui/lock.ts";

export interface Recording {
  readonly type: string;
  /** toggle pauses or goes on, and says whether it is paused now. */
  toggle(): boolean;
  stop(): Promise<{ blob: Blob; seconds: number }>;
}

export interface Listener {
  level(value: number): void;
  seconds(value: number): void;
  slice(index: number, slice: Blob): void;
}

const types = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4;codecs=mp4a.40.2", "audio/mp4"];
const sliceLength = 3000; // milliseconds; a crash loses no more
const bitrate = 24_000;

export function recorderHere(): boolean {
  return typeof MediaRecorder !== "undefined" && "mediaDevices" in navigator && (navigator as Partial<Navigator>).mediaDevices !== undefined;
}

/** record begins; it throws where the microphone is refused. */
export async function record(listener: Listener): Promise<Recording> {
  const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1, echoCancellation: true, noiseSuppression: true, autoGainControl: true } });
  const type = types.find((one) => MediaRecorder.isTypeSupported(one));
  const recorder = new MediaRecorder(stream, { audioBitsPerSecond: bitrate, ...(type ? { mimeType: type } : {}) });
  const slices: Blob[] = [];
  recorder.addEventListener("dataavailable", ({ data }) => {
    if (data.size === 0) return; // slices may be empty
    listener.slice(slices.length, data);
    slices.push(data);
  });
  const watch = watching(stream, recorder, listener);
  recorder.start(sliceLength);
  const idle = stayAwake(); // who speaks does not touch the page
  const letGo = () => {
    idle();
    watch.end();
    for (const track of stream.getTracks()) track.stop();
  };
  return {
    type: plainType(recorder.mimeType),
    toggle: () => {
      if (recorder.state === "paused") recorder.resume();
      else recorder.pause();
      return recorder.state === "paused";
    },
    stop: async () => {
      await stopped(recorder);
      letGo();
      return { blob: new Blob(slices, { type: plainType(recorder.mimeType) }), seconds: watch.seconds() };
    },
  };
}

/** plainType is the type without what only one browser says of it. */
export function plainType(type: string): string {
  return type.split(";")[0]?.trim() || "audio/webm";
}

function stopped(recorder: MediaRecorder): Promise<void> {
  return new Promise((resolve) => {
    if (recorder.state === "inactive") return resolve();
    recorder.addEventListener("stop", () => resolve(), { once: true });
    recorder.stop();
  });
}

/** watching tells how loud it is and how long it has lasted, ten times a second. */
function watching(stream: MediaStream, recorder: MediaRecorder, listener: Listener) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let lasted = 0;
  let last = performance.now();
  const tick = () => {
    const now = performance.now();
    if (recorder.state === "recording") lasted += now - last;
    last = now;
    analyser.getFloatTimeDomainData(samples);
    listener.level(recorder.state === "recording" ? Math.min(1, loudness(samples) * 6) : 0);
    listener.seconds(lasted / 1000);
  };
  const timer = setInterval(tick, 100);
  const end = () => {
    clearInterval(timer);
    void context.close();
  };
  return { end, seconds: () => lasted / 1000 };
}

function loudness(samples: Float32Array): number {
  let sum = 0;
  for (const s of samples) sum += s * s;
  return Math.sqrt(sum / samples.length);
}
