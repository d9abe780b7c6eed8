// Small things that consoles show in the same way everywhere.

import { t } from "../ui/texts.ts";

// Theirs isolates what a person wrote.
export function Theirs(props: { text: string }) {
  return <bdi dir="auto">{props.text}</bdi>;
}

// Fingerprint writes an account so that two people can compare it by voice: in groups
// of four, all of it, since the part that is left out is the part that was forged.
export function Fingerprint(props: { account: string }) {
  const groups = props.account.match(/.{1,4}/g) ?? [];
  return (
    <code class="fingerprint" dir="ltr" aria-label={t("fingerprint")}>
      {groups.join(" ")}
    </code>
  );
}
