// Recordings as devices make them: by the browser's own recorder, of a picture that is noise (so that it does not get small) and of
// the pretended microphone.
import { Buffer } from "node:buffer";
import type { Page } from "playwright-core";

/** recorded records for so many seconds. The page must be of a site that may use the microphone. */
export async function recorded(page: Page, type: string, seconds: number, width = 0): Promise<Buffer> {
  const made = await page.evaluate(async ({ type, seconds, width }) => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [width, Math.round(width / 2)];
    const draw = (): void => {
      const context = canvas.getContext("2d");
      const image = context?.createImageData(canvas.width, canvas.height);
      if (!image) return;
      for (let i = 0; i < image.data.length; i += 65_536) crypto.getRandomValues(image.data.subarray(i, i + 65_536));
      for (let i = 3; i < image.data.length; i += 4) image.data[i] = 255;
      context?.putImageData(image, 0, 0);
    };
    const drawing = width > 0 ? setInterval(draw, 40) : undefined;
    if (width > 0) for (const track of canvas.captureStream(25).getTracks()) stream.addTrack(track);
    const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: 12_000_000 });
    const pieces: Blob[] = [];
    recorder.ondataavailable = (event) => pieces.push(event.data);
    const ended = new Promise<void>((resolve) => (recorder.onstop = () => resolve()));
    recorder.start(1000);
    setTimeout(() => recorder.stop(), seconds * 1000);
    await ended;
    clearInterval(drawing);
    for (const track of stream.getTracks()) track.stop();
    const bytes = new Uint8Array(await new Blob(pieces).arrayBuffer());
    let text = "";
    for (let i = 0; i < bytes.length; i += 32_768) text += String.fromCharCode(...bytes.subarray(i, i + 32_768));
    return btoa(text);
  }, { type, seconds, width });
  return Buffer.from(made, "base64");
}

/** pictured makes a picture. */
export async function pictured(page: Page, type: string): Promise<Buffer> {
  const made = await page.evaluate(async (type) => {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [320, 200];
    const context = canvas.getContext("2d");
    if (context) {
      context.fillStyle = "#2a7";
      context.fillRect(0, 0, 320, 200);
    }
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, type));
    return btoa(String.fromCharCode(...new Uint8Array((await blob?.arrayBuffer()) ?? new ArrayBuffer(0))));
  }, type);
  return Buffer.from(made, "base64");
}
