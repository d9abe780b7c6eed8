package sdktest_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"github.com/relatingfield/vault/internal/partnertest"
	"github.com/relatingfield/vault/internal/sdktest"
	"github.com/relatingfield/vault/internal/vaulttest"
)

func newEdwards(t *testing.T) crypto.Signer {
	t.Helper()
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

func newCurve(t *testing.T) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// programFor is a practice vault with a partner, whose program has the key.
func programFor(t *testing.T, key crypto.Signer) (p *partnertest.Partner, env []string) {
	t.Helper()
	v := vaulttest.New(t)
	p = partnertest.New(v).Partner()
	program := p.Keyed(p.ID, key)
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "program.key")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	return p, []string{"TESTIMONY_SERVER=" + v.URL, "TESTIMONY_VAULT=" + v.ID.String(), "TESTIMONY_PROGRAM_KEY=" + file, "TESTIMONY_CLIENT=" + string(program.ID)}
}

// attack is a program of somebody who counts what goes over the line, and does with a
// token and its proofs what a thief would.
const attack = `
import { deepEqual, equal, notEqual, ok, rejects, throws } from "node:assert/strict";
import { readFileSync } from "node:fs";
import { api, is, newClient, newProgram, programKey, programKeyOf } from "testimony-vault";

const server = process.env["TESTIMONY_SERVER"] ?? "", vault = process.env["TESTIMONY_VAULT"] ?? "", id = process.env["TESTIMONY_CLIENT"] ?? "";
const pem = readFileSync(process.env["TESTIMONY_PROGRAM_KEY"] ?? "", "utf8");
const asked: string[] = [], proofs: string[] = [], bodies: string[] = [];
let clock = 0;
const line: typeof fetch = async (to, init) => {
  asked.push((init?.method ?? "GET") + " " + String(to).slice(server.length));
  const proof = new Headers(init?.headers).get("DPoP");
  if (proof !== null) proofs.push(proof);
  bodies.push(String(init?.body ?? ""));
  return fetch(to, init);
};
const claims = (token: string) => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
const client = newClient({ server, vault, fetch: line, now: () => Date.now() + clock });
const program = newProgram({ client, program: id, key: await programKey(pem) });

// Many calls sign in once; each has a proof of its own, for its method, address and token.
const first = await Promise.all([1, 2, 3].map(() => program.fetch("/v1/deliveries")));
deepEqual(first.map((answer) => answer.status), [200, 200, 200]);
equal((await program.fetch("/v1/partner")).status, 200);
equal(asked.filter((line) => line === "POST /v1/token").length, 1);
const last = claims(proofs.at(-1) ?? "");
deepEqual([last.htm, last.htu], ["GET", server + "/v1/partner"]);
ok(last.ath.length === 43 && last.nonce !== "" && Number.isInteger(last.iat));
equal(new Set(proofs.map((proof) => claims(proof).jti)).size, proofs.length);
ok(!bodies.join().includes("PRIVATE"));

// A nonce that the vault does not want any more costs one repetition.
const stale = client.session.nonce.replace(/^./, (letter) => (letter === "A" ? "B" : "A"));
client.session.nonce = stale;
let before = asked.length;
equal((await program.fetch("/v1/partner")).status, 200);
equal(asked.length - before, 2);

// At the door as well, with a new assertion; a wrong clock of this machine does no harm.
const other = newClient({ server, vault, fetch: async (to, init) => {
  const answer = await line(to, init);
  if (!String(to).endsWith("/v1/vault")) return answer;
  const headers = new Headers(answer.headers);
  headers.set("DPoP-Nonce", stale);
  return new Response(await answer.text(), { status: answer.status, headers });
}, now: () => Date.now() - 86_400_000 });
before = bodies.length;
equal((await newProgram({ client: other, program: id, key: await programKey(pem), scopes: ["follow"] }).fetch("/v1/owed-withdrawals")).status, 200);
const forms = bodies.slice(before).filter((body) => body.includes("client_assertion="));
equal(forms.length, 2);
const jtis = forms.map((form) => claims(new URLSearchParams(form).get("client_assertion") ?? "").jti);
notEqual(jtis[0], jtis[1]);

// A vault that never has enough of nonces is asked twice, and no more.
let times = 0;
const greedy = newClient({ server, vault, fetch: async (to, init) => {
  if (!String(to).endsWith("/v1/token")) return fetch(to, init);
  times++;
  return Response.json({ error: "use_dpop_nonce" }, { status: 400, headers: { "DPoP-Nonce": "n" + times } });
} });
await rejects(newProgram({ client: greedy, program: id, key: await programKey(pem) }).token(), (error) => is(error, "vault-refused") && error.problem?.name === "use_dpop_nonce");
equal(times, 2);

// Headers are good once, for one address, and go nowhere else.
const once = await program.headers("get", "/v1/partner");
equal((await fetch(server + "/v1/partner", { headers: once })).status, 200);
equal((await fetch(server + "/v1/partner", { headers: once })).status, 401, "a proof that was used");
const stolen = await program.headers("GET", "/v1/partner");
equal((await fetch(server + "/v1/deliveries", { headers: stolen })).status, 401, "at another address");
equal((await fetch(server + "/v1/partner", { headers: { Authorization: "Bearer " + (await program.token()) } })).status, 401, "a token alone");
await rejects(program.headers("GET", "https://vault.example/v1/partner"), { code: "refused" });
for (const path of ["//vault.example/v1/partner", "https://vault.example/", "/\\vault.example/", "v1/partner"]) await rejects(program.fetch(path), { code: "refused" }, path);

// Whoever has no registered key gets no token, whoever she says she is; what is no key is none.
const pair = (await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"])) as CryptoKeyPair;
await rejects(newProgram({ client, program: id, key: await programKeyOf(pair) }).token(), (error) => is(error, "vault-refused") && error.problem?.name === "invalid_client");
for (const bad of ["", "x", pem.replace("PRIVATE", "PUBLIC"), pem.replace(/\n[A-Za-z0-9+/]{20}/, "\n")]) await rejects(programKey(bad), { code: "refused" });
throws(() => newClient({ server: "http://vault.example", vault }));

// The contract's operations, by the same token.
const { scopes } = await api(client, program.before).getPartner({});
ok(scopes.includes("deliver"));
await rejects(api(newClient({ server, vault })).getPartner({}), { code: "no-keys" });
console.log("all of it holds");
`

// signsIn has both kinds of key sign in to a real vault, and attacks what they get.
func signsIn(t *testing.T, home string) {
	for name, key := range map[string]crypto.Signer{"Ed25519": newEdwards(t), "P-256": newCurve(t)} {
		_, env := programFor(t, key)
		if said := sdktest.Program(t, root, home, attack, env...); said != "all of it holds\n" {
			t.Errorf("%s: %s", name, said)
		}
	}
}
