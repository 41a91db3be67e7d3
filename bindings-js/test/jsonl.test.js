// Rows and checkpoints in files: what a crash leaves, what is refused, and the same files under the command.
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import * as fs from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import { walk } from "everypage";
import { jsonlFile } from "everypage/jsonl";
import { cursor, folder, leadserver, list, offset } from "./support.js";

const run = promisify(execFile);
const lines = (path) => fs.readFileSync(path, "utf8").split("\n").slice(0, -1);
const idsIn = (path) => lines(path).map((line) => JSON.parse(line).id);
const rejects = async (promise) => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  assert.fail("it should have been rejected");
};
const names = (file) => fs.readdirSync(file("")).sort();

test("rows are the bytes the server sent, and the checkpoint covers them", async (t) => {
  const file = folder(t);
  const report = await walk(cursor(), { fetch: list(3) }).into(jsonlFile(file("a.jsonl")));
  assert.equal(fs.readFileSync(file("a.jsonl"), "utf8"), [0, 1, 2, 3, 4, 5].map((id) => `{"id":${id}}\n`).join(""));
  assert.equal(report.verdict, "complete");
  assert.deepEqual(report.sink, { class: "appendable", path: file("a.jsonl") });
  assert.equal(report.checkpoint, file("a.jsonl.checkpoint"));
  assert.deepEqual(names(file), ["a.jsonl", "a.jsonl.checkpoint", "a.jsonl.checkpoint.previous"]);
  assert.equal(fs.statSync(file("a.jsonl.checkpoint")).mode & 0o777, 0o600);
  // A finished checkpoint answers at once, with the same report.
  const never = () => assert.fail("nothing is asked");
  const again = await walk(cursor(), { fetch: never }).into(jsonlFile(file("a.jsonl"), { resume: true }));
  assert.equal(again.verdict, "complete");
  assert.equal(again.counts.records, 6);
});

test("what exists is not overwritten, what isn't a walk's output is not touched", async (t) => {
  const file = folder(t);
  const into = async (name, options) => rejects(walk(cursor(), { fetch: list(2) }).into(jsonlFile(file(name), options)));
  fs.writeFileSync(file("mine.jsonl"), "precious\n");
  assert.equal((await into("mine.jsonl")).code, "EP_STORAGE");
  assert.equal((await into("mine.jsonl", { resume: true })).code, "EP_SINK_MISMATCH");
  fs.mkdirSync(file("folder"));
  fs.symlinkSync(file("mine.jsonl"), file("link"));
  for (const name of ["folder", "link", "nowhere/x"]) assert.equal((await into(name, { resume: true })).code, "EP_STORAGE", name);
  assert.equal(fs.readFileSync(file("mine.jsonl"), "utf8"), "precious\n");
  assert.deepEqual(names(file), ["folder", "link", "mine.jsonl"], "no lock is left behind");
});

test("a shorter or another file is refused, a longer one is cut", async (t) => {
  const file = folder(t);
  const path = file("a.jsonl");
  const stopped = async () => {
    for (const name of names(file)) fs.rmSync(file(name));
    await walk(cursor({ limits: { records: 4 } }), { fetch: list(5) }).into(jsonlFile(path));
    assert.deepEqual(idsIn(path), [0, 1, 2, 3]);
  };
  const resume = () => walk(cursor({ limits: { records: 100 } }), { fetch: list(5) }).into(jsonlFile(path, { resume: true }));
  await stopped();
  fs.appendFileSync(path, '{"id":4}\n{"id"');
  assert.equal((await resume()).verdict, "complete");
  assert.deepEqual(idsIn(path), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await stopped();
  fs.truncateSync(path, 10);
  assert.equal((await rejects(resume())).code, "EP_SINK_MISMATCH");
  await stopped();
  fs.writeFileSync(path, fs.readFileSync(path, "utf8").replace("3", "7"));
  assert.equal((await rejects(resume())).code, "EP_SINK_MISMATCH");
  await stopped();
  fs.rmSync(path);
  assert.equal((await rejects(resume())).code, "EP_SINK_MISMATCH");
  await stopped();
  fs.writeFileSync(`${path}.checkpoint`, "x");
  const damaged = await rejects(resume());
  assert.equal(damaged.code, "EP_CHECKPOINT_CORRUPT");
  assert.match(damaged.advice, /\.previous/);
  await stopped();
  const other = walk(cursor({ id: "/other" }), { fetch: list(5) });
  assert.equal((await rejects(other.into(jsonlFile(path, { resume: true })))).code, "EP_CHECKPOINT_MISMATCH");
  assert.deepEqual(names(file).filter((name) => name.endsWith(".lock")), []);
});

test("one writer at a time, this process and others", async (t) => {
  const file = folder(t);
  const control = new AbortController();
  const started = Promise.withResolvers?.() ?? (() => { const d = {}; d.promise = new Promise((r) => (d.resolve = r)); return d; })();
  const serve = list(3);
  const slow = (url, init) => {
    if (!url.includes("cursor")) return serve(url, init);
    started.resolve();
    return new Promise(() => {});
  };
  const first = walk(cursor(), { fetch: slow, signal: control.signal }).into(jsonlFile(file("a.jsonl")));
  await started.promise;
  const second = await rejects(walk(cursor(), { fetch: list(3) }).into(jsonlFile(file("a.jsonl"), { resume: true })));
  assert.equal(second.code, "EP_CHECKPOINT_LOCKED");
  // The command sees the same lock.
  fs.writeFileSync(file("source.json"), JSON.stringify(cursor()));
  const command = run(process.env.EVERYPAGE, ["pull", file("source.json"), "--into", file("a.jsonl"), "--resume"]);
  const refused = await rejects(command);
  assert.equal(refused.code, 3);
  assert.match(refused.stderr, /another process/);
  control.abort(new Error("enough"));
  assert.equal((await rejects(first)).message, "enough");
  assert.deepEqual(idsIn(file("a.jsonl")), [0, 1], "what had come was stored");
  const rest = await walk(cursor(), { fetch: list(3) }).into(jsonlFile(file("a.jsonl"), { resume: true }));
  assert.equal(rest.verdict, "complete");
  assert.deepEqual(idsIn(file("a.jsonl")), [0, 1, 2, 3, 4, 5]);
});

test("what the sink throws ends the walk, and its report says so", async () => {
  const mine = new Error("the disk is full");
  const sink = (broken) => ({
    class: "at_least_once",
    open: async () => ({ checkpoint: null, droppedBytes: 0 }),
    begin: async () => {},
    page: () => { if (broken === "page") throw mine; },
    due: () => null,
    commit: async () => {},
    end: async () => { if (broken === "end") throw mine; },
  });
  for (const broken of ["page", "end"]) {
    const leads = walk(cursor(), { fetch: list(3) });
    assert.equal(await rejects(leads.into(sink(broken))), mine);
    assert.equal(leads.report.verdict, "failed", broken);
    assert.equal(leads.report.error.code, "EP_STORAGE");
  }
  const fine = walk(cursor(), { fetch: list(3) });
  assert.equal((await fine.into(sink())).sink.class, "at_least_once");
});

test("a disk that is full is an error that names the file", { skip: !fs.existsSync("/dev/full") }, async (t) => {
  const file = folder(t);
  const sink = jsonlFile(file("a.jsonl"));
  const leads = walk(cursor(), { fetch: list(3) });
  const begin = sink.begin.bind(sink);
  sink.begin = async (save) => {
    await begin(save);
    // From here on the checkpoint can't be written any more.
    fs.mkdirSync(`${file("a.jsonl")}.checkpoint.tmp`);
  };
  const error = await rejects(leads.into(sink));
  assert.equal(error.code, "EP_STORAGE");
  assert.match(error.advice, /a\.jsonl\.checkpoint/);
  assert.equal(leads.report.verdict, "failed");
});

const PULL = `
  import { walk } from "everypage";
  import { jsonlFile } from "everypage/jsonl";
  const [source, path] = process.argv.slice(1);
  const report = await walk(source).into(jsonlFile(path, { resume: true }));
  console.log(JSON.stringify(report));
`;
const here = new URL("..", import.meta.url).pathname;

test("killed and resumed, by turns in Node and by the command: nothing is lost, nothing comes twice", async (t) => {
  const server = await leadserver(t, "--records=6000", "--churn=mixed", "--churn-every=5", "--latency-ms=5");
  const file = folder(t);
  const [source, path] = [offset(server.url, { size: { write: "query:limit", value: 50, max: 1000 } }), file("a.jsonl")];
  fs.writeFileSync(file("source.json"), JSON.stringify(source));
  const node = () => spawn(process.execPath, ["--input-type=module", "-e", PULL, JSON.stringify(source), path], { cwd: here, stdio: ["ignore", "pipe", "inherit"] });
  const command = () => spawn(process.env.EVERYPAGE, ["pull", file("source.json"), "--into", path, "--resume", "--report", file("report.json")], { stdio: "ignore" });
  const rows = () => (fs.existsSync(path) ? lines(path).length : 0);
  const killAt = async (child, most) => {
    const gone = new Promise((resolve) => child.once("exit", resolve));
    while (rows() < most && child.exitCode === null) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill("SIGKILL");
    await gone;
    assert.ok(rows() >= most, "it ended too soon");
  };
  await killAt(node(), 1200);
  await killAt(command(), 2600);
  await killAt(node(), 4000);
  const last = command();
  const code = await new Promise((resolve) => last.once("exit", resolve));
  assert.equal(code, 0);
  const report = JSON.parse(fs.readFileSync(file("report.json"), "utf8"));
  const found = idsIn(path);
  const [ids, written] = [await server.ask("/oracle"), new Set(found)];
  assert.equal(found.length, written.size);
  assert.deepEqual(ids.filter((id) => !written.has(id)), []);
  assert.equal(report.verdict, "complete");
  assert.equal(report.counts.records, found.length);
});

test("ids too many for the checkpoint are read back from the rows", async (t) => {
  const file = folder(t);
  // As texts they take sixteen bytes each: 20,000 don't fit into 64 KiB.
  const record = (id) => ({ id: `lead-${id}` });
  const more = (records) => cursor({ limits: { records } });
  await walk(more(20_000), { fetch: list(300, 100, record) }).into(jsonlFile(file("a.jsonl")));
  assert.match(fs.readFileSync(file("a.jsonl.checkpoint"), "utf8"), /"dedup_rows":true/);
  // The list has been moved up meanwhile: rows that were stored come again.
  const again = list(300, 100, (id) => record(Math.max(0, id - 50)));
  const report = await walk(more(1_000_000), { fetch: again }).into(jsonlFile(file("a.jsonl"), { resume: true }));
  const found = idsIn(file("a.jsonl"));
  assert.equal(new Set(found).size, found.length);
  assert.ok(report.counts.duplicates >= 50);
  assert.ok(found.length > 29_000);
});
