// Screens of Preact as views of ui/view.ts, and what all of them need: something that is being fetched, something that went wrong.
// A view that goes takes its nodes and whatever they showed with it.
import { render, type ComponentChildren } from "preact";
import { codeOf, Failure, untrusted } from "../core/failure.ts";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { el } from "../ui/el.ts";
import { faultText } from "../ui/fault.ts";
import { say } from "../ui/say.ts";
import { t } from "../ui/texts.ts";
import { back, type View } from "../ui/view.ts";

/** scene is a screen as a view. */
export function scene(title: string, body: () => ComponentChildren): View {
  const host = el("div", { class: "scene" });
  return {
    title,
    make: () => {
      render(body(), host);
      return [host];
    },
    leave: () => {
      render(null, host);
    },
  };
}

export type Coming<T> = { value?: T; error?: unknown; busy: boolean; again: () => void };

/** useComing fetches something for as long as it is looked at. */
export function useComing<T>(fetch: () => Promise<T>): Coming<T> {
  const [state, set] = useState<{ value?: T; error?: unknown; busy: boolean }>({ busy: true });
  const alive = useRef(true);
  const again = useCallback(() => {
    set((before) => ({ ...before, busy: true }));
    fetch().then(
      (value) => alive.current && set({ value, busy: false }),
      (error: unknown) => alive.current && set({ error, busy: false }),
    );
  }, []);
  useEffect(() => {
    alive.current = true;
    again();
    return () => {
      alive.current = false;
    };
  }, []);
  return { ...state, again };
}

type Doing = { busy: boolean; error: unknown; run: (act: () => Promise<void>) => void };

/** useDoing runs one act at a time and keeps what went wrong. */
export function useDoing(): Doing {
  const [state, set] = useState<{ busy: boolean; error: unknown }>({ busy: false, error: undefined });
  const run = (act: () => Promise<void>): void => {
    if (state.busy) return;
    set({ busy: true, error: undefined });
    act().then(() => set({ busy: false, error: undefined }), (error: unknown) => set({ busy: false, error }));
  };
  return { ...state, run };
}

/** Wrong says what went wrong, what is safe, and what to do. Of an error only its code is looked at. */
export function Wrong({ error, again }: { error: unknown; again?: () => void }) {
  if (error === undefined) return null;
  const seconds = error instanceof Failure ? (error.retryAfter ?? 0) : 0;
  return (
    <div class="fault" role="alert" data-code={codeOf(error)}>
      {untrusted(error) && <p><strong>{t("fault.untrusted")}</strong></p>}
      <p>{faultText(error)}</p>
      {seconds > 0 && <p>{t("fault.wait", { count: Math.ceil(seconds / 60) })}</p>}
      {again && <p><button type="button" onClick={again}>{t("read.again")}</button></p>}
    </div>
  );
}

/** Wait is shown, and spoken, while something comes. */
export function Wait({ text = t("read.wait") }: { text?: string }) {
  useEffect(() => say(text), [text]);
  return <p class="quiet">{text}</p>;
}

export function BackButton() {
  return <button type="button" onClick={back}>{t("read.back")}</button>;
}

/** Theirs isolates what a person wrote, whose direction is its own. */
export function Theirs({ children }: { children: string }) {
  return <bdi dir="auto">{children}</bdi>;
}
