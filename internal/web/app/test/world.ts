// A whole practice vault for a test: the real testimonyd on a free loopback port over a temporary folder, and the command line
// client as the other side. Core tests and browser tests start the same one. Programs are taken from the folder that
// TESTIMONY_BIN names, or built from this checkout into .built/bin.
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The package's folder, from the sources and from what is built of them. */
export const app = findApp(dirname(fileURLToPath(import.meta.url)));

function findApp(folder: string): string {
  return folder.endsWith(join("web", "app")) ? folder : findApp(dirname(folder));
}

const startLimit = 60_000;

export interface Answer {
  code: number; // exit code
  out: string;
  err: string;
}

/** Somebody at the command line. */
export interface Person {
  readonly wordsFile: string;
  words(): string;
  /** run runs the command line client and wants exit code 0. */
  run(...args: string[]): Promise<Answer>;
  /** tries runs it and takes any exit code. */
  tries(...args: string[]): Promise<Answer>;
}

export interface World {
  readonly url: string;
  readonly vault: string; // the vault id
  readonly folder: string; // everything the vault writes is in here
  readonly data: string;
  log(): string;
  /** person is somebody with words in a file of their own; without words the file does not exist yet. */
  person(name: string, words?: string): Person;
  /** steward is the practice vault's one steward, who has not joined yet. */
  readonly steward: Person;
  stop(): Promise<void>;
  /** kill ends the program the way a crash does; restart serves the same vault on the same port. */
  kill(): Promise<void>;
  restart(): Promise<void>;
}

/** programs gives the folder with testimonyd and testimony. */
export async function programs(): Promise<string> {
  const given = process.env["TESTIMONY_BIN"];
  if (given !== undefined && given !== "") return given;
  const bin = join(app, ".built", "bin");
  mkdirSync(bin, { recursive: true });
  const making = mkdtempSync(join(bin, "making-"));
  const root = join(app, "..", "..", "..");
  const env = { ...process.env, CGO_ENABLED: "0" };
  await run("go", ["build", "-trimpath", "-buildvcs=false", "-o", `${making}/`, "./cmd/testimonyd", "./cmd/testimony", "./internal/webcoretest"], { cwd: root, env });
  for (const name of ["testimonyd", "testimony", "webcoretest"]) renameSync(join(making, name), join(bin, name)); // whole, for tests that run beside
  rmSync(making, { recursive: true });
  return bin;
}

/** A vault whose clock goes forward when it is told to. Pages and clients take the time from the vault. */
export interface MovedWorld extends World {
  forward(days: number): Promise<void>;
}

/** movedWorld is world with such a clock: the same server in another program, since testimonyd has no such clock. */
export async function movedWorld(settings: Readonly<Record<string, string>> = {}): Promise<MovedWorld> {
  let server: Server | undefined;
  const w = await started(settings, (...args) => (server = new MovedServer(...args)));
  return { ...w, forward: async (days) => (server as MovedServer).forward(days) };
}

/** world starts a practice vault. settings are paths of the configuration, such as "enrolment.pow_bits". */
export function world(settings: Readonly<Record<string, string>> = {}): Promise<World> {
  return started(settings, (...args) => new Server(...args));
}

type Making = (bin: string, folder: string, settings: Record<string, string>) => Server;

async function started(settings: Readonly<Record<string, string>>, make: Making): Promise<World> {
  const bin = await programs();
  const folder = mkdtempSync(join(tmpdir(), "vault-"));
  const data = join(folder, "data");
  mkdirSync(join(folder, "tmp"));
  const all = { data_dir: data, listen: "127.0.0.1:0", "enrolment.pow_bits": "4", ...settings };
  const server = make(bin, folder, all);
  try {
    await server.found();
    await server.serve();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const person = (name: string, words?: string) => somebody(join(bin, "testimony"), server, join(folder, `${name}.words`), words);
  return {
    url: server.url, vault: server.vault, folder, data, person,
    log: () => server.said,
    steward: somebody(join(bin, "testimony"), server, join(data, "practice-steward.words")),
    stop: async () => {
      await server.end("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
    kill: () => server.end("SIGKILL"),
    restart: () => server.serve(),
  };
}

class Server {
  url = "";
  vault = "";
  said = "";
  protected child: ChildProcess | undefined;
  protected program: string;
  protected serving = "serve";
  private readonly folder: string;
  private readonly settings: Record<string, string>;

  constructor(bin: string, folder: string, settings: Record<string, string>) {
    this.program = join(bin, "testimonyd");
    this.folder = folder;
    this.settings = settings;
  }

  private arguments(command: string, ...more: string[]): string[] {
    return [command, ...more, ...Object.entries(this.settings).flatMap(([path, value]) => ["--set", `${path}=${value}`])];
  }

  private surroundings() {
    return { cwd: this.folder, env: { PATH: process.env["PATH"] ?? "", HOME: this.folder, TMPDIR: join(this.folder, "tmp") } };
  }

  async found(): Promise<void> {
    await run(this.program, this.arguments("found", "--practice"), this.surroundings());
  }

  protected hear(line: string): void {
    this.said += `${line}\n`;
  }

  async serve(): Promise<void> {
    const child = spawn(this.program, this.arguments(this.serving), { ...this.surroundings(), stdio: ["pipe", "pipe", "pipe"] });
    this.child = child;
    await new Promise<void>((resolve, reject) => {
      const limit = setTimeout(() => reject(new Error(`testimonyd does not answer\n${this.said}`)), startLimit);
      child.once("exit", (code) => reject(new Error(`testimonyd ended with ${code}\n${this.said}`)));
      const hear = (line: string) => {
        this.hear(line);
        this.url = /^The vault answers at (\S+)/.exec(line)?.[1] ?? this.url;
        const id = /^Vault id: (\S+)/.exec(line)?.[1];
        if (id === undefined) return;
        this.vault = id;
        clearTimeout(limit);
        resolve();
      };
      for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", hear);
    });
    if (this.settings["listen"]?.endsWith(":0") === true) this.settings["listen"] = new URL(this.url).host; // for a restart
  }

  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill(signal);
    await gone;
  }
}

class MovedServer extends Server {
  private moved: (() => void) | undefined;

  constructor(bin: string, folder: string, settings: Record<string, string>) {
    super(bin, folder, settings);
    this.program = join(bin, "webcoretest");
    this.serving = "vault";
  }

  override found(): Promise<void> {
    return Promise.resolve(); // serving founds it
  }

  protected override hear(line: string): void {
    super.hear(line);
    if (line.startsWith("Forward: ")) this.moved?.();
  }

  async forward(days: number): Promise<void> {
    await new Promise<void>((resolve) => {
      this.moved = resolve;
      this.child?.stdin?.write(`${String(days * 86_400)}\n`);
    });
  }
}

function somebody(program: string, server: Server, wordsFile: string, words?: string): Person {
  if (words !== undefined) writeFileSync(wordsFile, `${words}\n`, { mode: 0o600 });
  const tries = async (...args: string[]): Promise<Answer> => {
    const env = { PATH: process.env["PATH"] ?? "", HOME: dirname(wordsFile), TESTIMONY_SERVER: server.url, TESTIMONY_VAULT: server.vault,
      TESTIMONY_WORDS_FILE: wordsFile };
    try {
      const { stdout, stderr } = await run(program, args, { env, cwd: dirname(wordsFile), maxBuffer: 1 << 26 });
      return { code: 0, out: stdout, err: stderr };
    } catch (error) {
      const ended = error as { code?: unknown; stdout?: string; stderr?: string };
      return { code: typeof ended.code === "number" ? ended.code : -1, out: ended.stdout ?? "", err: ended.stderr ?? "" };
    }
  };
  return {
    wordsFile, tries,
    words: () => readFileSync(wordsFile, "utf8").trim(),
    run: async (...args) => {
      const answer = await tries(...args);
      if (answer.code !== 0) throw new Error(`testimony ${args.join(" ")}: exit code ${answer.code}\n${answer.out}${answer.err}`);
      return answer;
    },
  };
}
