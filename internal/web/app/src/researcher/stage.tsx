// The page's side of the frame in which media are shown (viewer/viewer.ts). The frame is a document of no origin and has no network;
// it is given one order over one port and asks for bytes by their places. What it says is held against the size of the content, and
// from anything but this very frame nothing is heard.
import { useEffect, useRef } from "preact/hooks";
import type { Bytes } from "../core/bytes.ts";
import { stayAwake } from "../ui/lock.ts";
import { language } from "../ui/places.ts";
import { plain } from "../viewer/kinds.ts";
import { readTelling, readWant, type Form, type Piece, type Show } from "../viewer/wire.ts";

interface Props {
  form: Form;
  type: string;
  label: string;
  size: number;
  content?: Blob;
  read?: (from: number, to: number) => Promise<Bytes>;
  fail: (error: unknown) => void; // the bytes did not come
  cannot: () => void; // the browser does not play it
}

export function Stage(props: Props) {
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => attend(frame, props), []);
  return <iframe ref={frame} class={`stage ${props.form}`} sandbox="allow-scripts" src="/viewer" title={props.label} allow="" referrerpolicy="no-referrer" />;
}

/** attend waits for the frame to offer its port, once, and serves it until the screen goes. */
function attend(frame: { current: HTMLIFrameElement | null }, props: Props): () => void {
  let port: MessagePort | undefined;
  let rest: (() => void) | undefined;
  // Whoever listens does not touch: the page does not lock itself while something plays.
  const plays = (said: unknown): void => {
    const telling = readTelling(said);
    if (telling === "playing") rest ??= stayAwake();
    if (telling !== "resting") return;
    rest?.();
    rest = undefined;
  };
  const hear = (event: MessageEvent<unknown>): void => {
    const offered = event.ports[0];
    if (port !== undefined || offered === undefined || frame.current === null || event.source !== frame.current.contentWindow || event.data !== "here") return;
    port = offered;
    port.onmessage = (said: MessageEvent<unknown>) => {
      plays(said.data);
      void answer(offered, said.data, props);
    };
    void order(offered, props).catch(props.fail);
  };
  window.addEventListener("message", hear);
  return () => {
    window.removeEventListener("message", hear);
    port?.close();
    rest?.();
  };
}

async function order(port: MessagePort, { form, type, label, size, content }: Props): Promise<void> {
  const show: Show = { form, type: plain(type), label, language: language(), direction: document.documentElement.dir };
  if (content === undefined) {
    port.postMessage({ ...show, size });
    return;
  }
  const bytes = await content.arrayBuffer();
  port.postMessage({ ...show, bytes }, [bytes]);
}

async function answer(port: MessagePort, said: unknown, { size, read, fail, cannot }: Props): Promise<void> {
  if (readTelling(said) === "cannot") return cannot();
  const want = readWant(said, size);
  if (want === undefined || read === undefined) return;
  try {
    const bytes = (await read(want.from, want.to)).slice().buffer;
    port.postMessage({ id: want.id, bytes } satisfies Piece, [bytes]);
  } catch (error) {
    port.postMessage({ id: want.id } satisfies Piece);
    fail(error);
  }
}
