// A practice vault says on every screen that it is one. The text lies in the page; only
// whether it is shown is asked. No answer shows nothing: the banner protects people from
// a mistake, not from a server that lies.

export async function showPractice(): Promise<void> {
  const banner = document.getElementById("practice");
  if (!banner) return;
  try {
    const answer = await fetch("/v1/vault", { credentials: "omit", redirect: "error" });
    const said = (await answer.json()) as { practice?: unknown };
    banner.hidden = said.practice !== true;
  } catch {
    banner.hidden = true; // without a line there is nothing to make a mistake with
  }
}
