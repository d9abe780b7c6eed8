// Applying to the stewards: name, institution and purpose, signed over the reader's key. What is written here is shown to everybody
// whom the reader would read. An account is opened on the way where there is none yet.
import { useState } from "preact/hooks";
import { door, enrol, enrolled } from "../core/enrol.ts";
import { apply } from "../core/inbox.ts";
import { t, type Key } from "../ui/texts.ts";
import { begin } from "../ui/view.ts";
import { mine } from "./account.ts";
import { home } from "./home.tsx";
import { scene, useComing, useDoing, Wait, Wrong } from "./scene.tsx";

export function applying() {
  return scene(t("read.apply.title"), () => <Apply />);
}

interface Form {
  name: string;
  institution: string;
  purpose: string;
  invitation: string;
}

async function needs(): Promise<{ invitation: boolean; account: boolean }> {
  const c = mine();
  const [way, role] = await Promise.all([door(c), enrolled(c)]);
  return { invitation: role === "" && way.mode !== "open", account: role === "" };
}

async function send(form: Form, opens: boolean): Promise<void> {
  const c = mine();
  if (opens) await enrol(c, "researcher", form.invitation.trim());
  await apply(c, form.name.trim(), form.institution.trim(), form.purpose.trim());
  await begin(home());
}

function Apply() {
  const asked = useComing(needs);
  const [form, fill] = useState<Form>({ name: "", institution: "", purpose: "", invitation: "" });
  const [missing, miss] = useState(false);
  const { busy, error, run } = useDoing();
  if (asked.value === undefined) return asked.error === undefined ? <Wait /> : <Wrong error={asked.error} again={asked.again} />;
  const fields: (keyof Form)[] = asked.value.invitation ? ["invitation", "name", "institution", "purpose"] : ["name", "institution", "purpose"];
  const opens = asked.value.account;
  const submit = (event: Event): void => {
    event.preventDefault();
    const lacks = fields.some((field) => form[field].trim() === "");
    miss(lacks);
    if (!lacks) run(() => send(form, opens));
  };
  return (
    <form onSubmit={submit} noValidate>
      <p>{t("read.apply.do")}</p>
      {fields.map((field) => <Field key={field} name={field} value={form[field]} set={(value) => fill({ ...form, [field]: value })} />)}
      {missing && <p class="fault" role="alert">{t("read.apply.missing")}</p>}
      <Wrong error={error} />
      {busy && <Wait text={t(opens ? "read.apply.opening" : "read.wait")} />}
      <div class="actions"><button type="submit" class="main" disabled={busy}>{t("read.apply.send")}</button></div>
    </form>
  );
}

const longest = { name: 200, institution: 300, purpose: 2000, invitation: 200 };

// "read.apply.field.*"
function Field({ name, value, set }: { name: keyof Form; value: string; set: (value: string) => void }) {
  const label = t(`read.apply.field.${name}` as Key);
  const common = { id: name, value, dir: "auto" as const, maxLength: longest[name] };
  return (
    <>
      <label for={name}>{label}</label>
      {name === "purpose"
        ? <textarea {...common} autocomplete="off" rows={4} onInput={(event) => set(event.currentTarget.value)} />
        : <input {...common} autocomplete="off" type="text" onInput={(event) => set(event.currentTarget.value)} />}
    </>
  );
}
