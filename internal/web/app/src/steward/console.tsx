// The stewards' console: who vouches for whom. Nothing on it can show content, because
// a steward's keys open none.

import { useState } from "preact/hooks";
import type { Client } from "../core/client.ts";
import { Notices } from "../console/notices.tsx";
import { t, type Key } from "../ui/texts.ts";
import { Applications } from "./applications.tsx";
import { Invitations } from "./invitations.tsx";
import { Partners } from "./partners.tsx";
import { Researchers } from "./researchers.tsx";
import { State } from "./state.tsx";
import { Stewards } from "./stewards.tsx";

const rooms = {
  applications: { label: "team.applications", View: Applications },
  researchers: { label: "team.researchers", View: Researchers },
  partners: { label: "team.partners", View: Partners },
  stewards: { label: "team.stewards", View: Stewards },
  invitations: { label: "team.invitations", View: Invitations },
  state: { label: "team.state", View: State },
} as const satisfies Record<string, { label: Key; View: (props: { client: Client }) => unknown }>;

type Room = keyof typeof rooms;

export function Console(props: { client: Client; lock: () => void }) {
  const [room, setRoom] = useState<Room>("applications");
  const { View, label } = rooms[room];
  return (
    <>
      <nav class="rooms" aria-label={t("team.rooms")}>
        {(Object.keys(rooms) as Room[]).map((name) => (
          <button type="button" key={name} aria-current={name === room ? "page" : undefined} onClick={() => { setRoom(name); }}>
            {t(rooms[name].label)}
          </button>
        ))}
        <button type="button" onClick={props.lock}>
          {t("team.lock")}
        </button>
      </nav>
      <Notices client={props.client} />
      <h2 tabIndex={-1}>{t(label)}</h2>
      <View client={props.client} key={room} />
    </>
  );
}
