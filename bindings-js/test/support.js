// What the tests share: the lead server, a virtual clock, a fetch made of answers.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export const vectorsFolder = new URL("../../tests/vectors/", import.meta.url);

/** The lead server with these flags, until the test ends. `cargo xtask js` says where it is. */
export async function leadserver(t, ...flags) {
  const program = process.env.EVERYPAGE_LEADSERVER;
  if (!program) throw new Error("EVERYPAGE_LEADSERVER names no lead server: run `cargo xtask js`");
  const child = spawn(program, [...flags, "--until-eof"], { stdio: ["pipe", "pipe", "inherit"] });
  const gone = new Promise((resolve) => child.once("exit", resolve));
  const lines = createInterface({ input: child.stdout });
  const url = await new Promise((resolve, reject) => {
    lines.once("line", resolve);
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the lead server ended with ${code}`)));
  });
  const ask = async (path, init) => (await fetch(url + path, init)).json();
  const stop = async () => {
    child.stdin.end();
    await gone;
  };
  t.after(stop);
  return { url, ask, stop };
}

/** A folder that is gone after the test: gives paths in it. */
export function folder(t) {
  const path = mkdtempSync(join(tmpdir(), "everypage-js-"));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return (name) => join(path, name);
}

/** A source over an offset list of `{BASE}`. */
export const offset = (url, more = {}) => ({
  name: "leads",
  request: { url: `${url}/offset` },
  records: "/data",
  id: "/id",
  order: { by: "/created_at", direction: "desc", immutable: true },
  size: { write: "query:limit", value: 100, max: 1000 },
  pagination: { style: "offset" },
  total: "body:/total",
  ...more,
});

/** A clock that stands still until everybody waits, and then goes to the next alarm. */
export class VirtualClock {
  tick = 1000;
  /** What was asked for: milliseconds. */
  alarms = [];
  #set = [];
  now() {
    return { tick: this.tick, unix: 1_790_000_000_000 + this.tick };
  }
  alarm(ms, wake) {
    const entry = { at: this.tick + Math.min(Math.ceil(ms), 2 ** 31 - 1), wake, live: true };
    this.alarms.push(ms);
    this.#set.push(entry);
    return { cancel: () => (entry.live = false), hold: () => {} };
  }
  /** Rings the next alarm. */
  ring() {
    this.#set = this.#set.filter((entry) => entry.live).sort((a, b) => a.at - b.at);
    const next = this.#set.shift();
    if (next === undefined) return false;
    this.tick = Math.max(this.tick, next.at);
    next.wake();
    return true;
  }
  get set() {
    return this.#set.filter((entry) => entry.live).length;
  }
}

/** A cursor list of `pages` pages of `size` records in memory, as a `fetch`. */
export function list(pages, size = 2, record = (id) => ({ id })) {
  const asked = [];
  const serve = async (url, init) => {
    asked.push({ url, init });
    const page = Number(new URL(url).searchParams.get("cursor") ?? 0);
    const data = Array.from({ length: size }, (_, at) => record(page * size + at));
    const next = page + 1 < pages ? String(page + 1) : null;
    return Response.json({ data, next });
  };
  return Object.assign(serve, { asked });
}

/** The source of {@link list}. */
export const cursor = (more = {}) => ({
  request: { url: "https://api.example.com/leads" },
  records: "/data",
  id: "/id",
  pagination: { style: "cursor", read: "body:/next", write: "query:cursor", stable: "key" },
  ...more,
});
