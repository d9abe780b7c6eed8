// Uploads with the npm package tus-js-client, which knows nothing of the vault: the
// session is put around it by its own hooks.
// In:  {"story","origin","vault","card","path","payload":file,"control":url}
// Out: {"asked":[{"method","status","metadata"}, …],"retries","failed"}, what went over the line.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { Session } from "./session.mjs";

const tus = createRequire(process.argv[2] + "/")("tus-js-client");
const told = JSON.parse(readFileSync(0, "utf8"));
const payload = readFileSync(told.payload);
const session = await Session.of(told);
const url = told.origin + told.path;
const seen = { asked: [], retries: 0, failed: 0 };

const options = {
  chunkSize: 300_000,
  retryDelays: [0, 50, 100, 200, 400, 800, 1600, 3200, 6400],
  async onBeforeRequest(req) {
    const headers = await session.headers(req.getMethod(), req.getURL());
    for (const [name, value] of Object.entries(headers)) req.setHeader(name, value);
  },
  onAfterResponse(req, res) {
    session.heard(res.getStatus(), res.getHeader("DPoP-Nonce"));
    const metadata = req.getHeader("Upload-Metadata") !== undefined;
    seen.asked.push({ method: req.getMethod(), status: res.getStatus(), metadata });
  },
  onShouldRetry(err) {
    seen.retries++;
    const status = err.originalResponse?.getStatus() ?? 0;
    return status < 400 || status >= 500 || [401, 409, 423].includes(status);
  },
};

// upload brings the payload to its end, or to where halfway stops it.
function upload(more, halfway) {
  return new Promise((resolve, reject) => {
    const u = new tus.Upload(payload, {
      ...options,
      ...more,
      onSuccess: () => resolve(u),
      onError: reject,
      onChunkComplete: (_size, sent) => {
        if (halfway && sent > payload.length / 2) halfway(u, resolve);
      },
    });
    u.start();
  });
}

const pause = (u, resolve) => u.abort().then(() => resolve(u));

const stories = {
  whole: () => upload({ endpoint: url }),

  // She puts it away in the middle, and another run finds it again by itself.
  async paused() {
    const storage = { urlStorage: new tus.FileUrlStorage(told.payload + ".json"), endpoint: url };
    await upload(storage, pause);
    const again = new tus.Upload(payload, { ...options, ...storage });
    const [known] = await again.findPreviousUploads();
    await upload({ ...storage, uploadUrl: known.uploadUrl });
  },

  // It is put away while bytes are on their way.
  async broken() {
    const u = await new Promise((resolve, reject) => {
      const u = new tus.Upload(payload, { ...options, uploadUrl: url, chunkSize: Infinity, onError: reject, onProgress: () => pause(u, resolve) });
      u.start();
    });
    await upload({ uploadUrl: u.url });
  },

  async terminated() {
    const u = await upload({ endpoint: url }, pause);
    await tus.Upload.terminate(u.url, options);
  },

  // The vault is gone after the first half, and comes back when it was missed.
  async restarted() {
    let gone = false;
    let missed = false;
    await upload({
      endpoint: url,
      async onBeforeRequest(req) {
        if (!gone && seen.asked.length > 4) {
          gone = true;
          await fetch(told.control + "/gone");
        }
        await options.onBeforeRequest(req);
      },
      onShouldRetry(err) {
        if (!missed) fetch(told.control + "/missed");
        missed = true;
        return options.onShouldRetry(err);
      },
    });
  },

  two: () => Promise.all([upload({ uploadUrl: url }), upload({ uploadUrl: url })]),

  named: () =>
    upload({ endpoint: url, metadata: { filename: "canary.m4a" } }).catch((err) => {
      seen.failed = err.originalResponse?.getStatus() ?? 0;
    }),
};

await stories[told.story]();
process.stdout.write(JSON.stringify(seen));
