// The adapter on real sockets: every fault of the lead server, and the same ending as the command's.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import { Budget, walk } from "everypage";
import { folder, leadserver, offset } from "./support.js";

const run = promisify(execFile);
const quick = { retry: { base: "1ms", cap: "5ms", attempts: 8 }, max_wait: "1s" };
const token = (style, more) => (url) => ({
  request: { url: url + style }, records: "/data", id: "/id", size: { write: "query:limit", value: 100 }, ...more, ...quick,
});
const offsets = (url) => offset(url, quick);
const cursors = token("/cursor", { pagination: { style: "cursor", read: "body:/pagination/next_cursor", write: "query:cursor" } });
const links = token("/link", { records: "", pagination: { style: "link", read: "link:next" } });

/** What the command makes of it: verdict, code, records. */
async function command(t, source) {
  const file = folder(t);
  writeFileSync(file("source.json"), JSON.stringify(source));
  const args = ["pull", file("source.json"), "--report", file("report.json"), "--into", file("rows.jsonl")];
  // How it ended is in the report, whatever its exit code.
  await run(process.env.EVERYPAGE, args).catch(() => {});
  return JSON.parse(readFileSync(file("report.json"), "utf8"));
}

const told = (report) => ({ verdict: report.verdict, code: report.error?.code ?? null, records: report.counts.records });

// The requests of a walk are the same in both, so chance falls the same way too.
const faults = [
  ["429=3", offsets], ["429-date=3", offsets], ["429-bare=2", offsets], ["5xx=2,4,6", offsets], ["409-middle", offsets],
  ["redirect=2", offsets], ["redirect=2:hops=3:code=307", offsets], ["redirect=2:foreign", offsets],
  ["redirect=2:loop", offsets], ["error-in-200=2", offsets], ["errors-empty-data=2", offsets], ["html-200=2", offsets],
  ["empty-200=2", offsets], ["reset-before=2", offsets], ["reset-in-body=2:at=500", offsets],
  ["truncate-length=2", offsets], ["truncate-chunked=2", offsets], ["truncate-close=2", offsets],
  ["slow-drip=2:bytes=4096:ms=1", offsets], ["truncate-gzip=2", offsets], ["gzip-no-trailer=2", offsets],
  ["bad-gzip=2", offsets], ["gzip-two-members=2", offsets], ["plain-as-gzip=2", offsets],
  ["truncate-json=2", offsets], ["junk-after=2", offsets], ["bom=2", offsets], ["gzip", offsets], ["clamp=30", offsets],
  ["truncate-length=2:always", offsets], ["reset-in-body=2:always", offsets], ["truncate-json=2:always", offsets],
  ["short-middle", offsets], ["empty-middle", cursors], ["cap=500", offsets], ["cap=500:error", offsets],
  ["total-lies=+5", offsets], ["no-total", offsets], ["overlap=5", cursors], ["cursor-loop", cursors],
  ["cursor-cycle", cursors], ["foreign-link", links], ["weird-link", links], ["awkward-cursor", cursors],
  ["expired-cursor=410", cursors], ["lost-response=2", offsets],
];

// What everypage copes with so well that it doesn't show.
const harmless = new Set(["clamp=30", "short-middle", "empty-middle", "no-total", "overlap=5", "weird-link", "awkward-cursor"]);

for (const [fault, sourceOf] of faults) {
  test(`fault ${fault}`, async (t) => {
    const server = await leadserver(t, "--records=1000", `--fault=${fault}`);
    const source = sourceOf(server.url);
    const found = [];
    const leads = walk(source);
    await leads.all().then((all) => found.push(...all), () => {});
    const stats = await server.ask("/stats");
    await server.ask("/reset", { method: "POST" });
    const expected = await command(t, source);
    // Of a connection that breaks inside a body Node's fetch tells now the one, now the other.
    const breaks = (code) => ["EP_BAD_BODY", "EP_NETWORK"].includes(code);
    const codes = [leads.report.error?.code, expected.error?.code];
    if (fault === "reset-in-body=2:always" && codes.every(breaks)) expected.error.code = codes[0];
    assert.deepEqual(told(leads.report), told(expected), JSON.stringify([leads.report.error, expected.error]));
    assert.ok(!fault.includes("always") || leads.report.verdict === "failed");
    if (leads.report.verdict === "complete") {
      const ids = await server.ask("/oracle");
      const written = new Set(found.map((lead) => lead.id));
      assert.equal(found.length, written.size, "a lead came twice");
      assert.deepEqual(ids.filter((id) => !written.has(id)), []);
    }
    // Faults that hit requests are counted; those of the list itself show in how the walk ends.
    const counted = Object.values(stats.faults).some((count) => count > 0);
    const listed = ["complete", "unproven"].includes(leads.report.verdict) && found.length === 1000;
    assert.ok(counted || !listed || harmless.has(fault), "nothing went wrong");
  });
}

test("churn, faults and a rate limit: nobody who lived through it is missed, nobody comes twice", async (t) => {
  const server = await leadserver(
    t, "--records=5000", "--churn=mixed", "--churn-every=5", "--churn-size=10", "--rate=200/1s", "--rate-slack-ms=50",
    "--fault=5xx=3%", "--fault=reset-in-body=2%", "--fault=truncate-json=2%", "--fault=429=1%:after=1",
  );
  const leads = walk(offset(server.url, { rate: [{ requests: 200, per: "1s" }] }));
  const seen = new Map();
  for await (const lead of leads) seen.set(lead.id, (seen.get(lead.id) ?? 0) + 1);
  const ids = await server.ask("/oracle");
  const stats = await server.ask("/stats");
  assert.ok(ids.length > 4000);
  assert.deepEqual(ids.filter((id) => !seen.has(id)), []);
  assert.deepEqual([...seen].filter(([, times]) => times > 1), []);
  assert.equal(leads.report.verdict, "complete");
  assert.equal(stats.violated, false);
});

test("several in flight, and still in order", async (t) => {
  const server = await leadserver(t, "--records=4000", "--latency-ms=10");
  let most = 0;
  const onProgress = ({ in_flight }) => (most = Math.max(most, in_flight));
  const ids = async (options, more) => (await walk(offset(server.url, more), options).all()).map((lead) => lead.id);
  assert.deepEqual(await ids({ onProgress }, { concurrency: 8 }), await ids({}, {}));
  assert.equal(most, 8);
});

test("fresh credentials after a 401 in the middle", async (t) => {
  const server = await leadserver(t, "--records=500", "--auth-token=old", "--fault=401-once");
  const source = offset(server.url, { auth: { bearer: "old" } });
  let asked = 0;
  const leads = walk(source, { authorize: () => (asked++, { bearer: "old-fresh" }), budget: new Budget() });
  assert.equal((await leads.all()).length, 500);
  assert.equal(asked, 1);
});

test("a server that is not there, and a name that doesn't exist", async (t) => {
  const code = async (url) => {
    try {
      await walk({ ...offset(url), retry: { base: "1ms", cap: "2ms" } }).all();
    } catch (error) {
      return error.code;
    }
  };
  const server = await leadserver(t);
  await server.stop();
  assert.equal(await code(server.url), "EP_NETWORK");
  assert.equal(await code("http://no-such-name.invalid"), "EP_NETWORK");
});
