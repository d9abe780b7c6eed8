// An account as people read it to each other: groups of four letters, always from left to right.
import { Fragment } from "preact";

export function groups(account: string): string[] {
  return account.match(/.{1,4}/g) ?? [];
}

/** Fingerprint is the whole of it. */
export function Fingerprint({ of }: { of: string }) {
  return (
    <p class="fingerprint" dir="ltr">
      {groups(of).map((group, i) => <Fragment key={i}><span>{group}</span> </Fragment>)}
    </p>
  );
}

/** Short is its beginning: enough to tell people in a list apart, and no more than that. */
export function Short({ of }: { of: string }) {
  return <bdi dir="ltr" class="code">{of.slice(0, 8)}</bdi>;
}
