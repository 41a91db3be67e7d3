// The walk as its users see it, without a network: a fetch made of answers, and a clock that stands still.
import assert from "node:assert/strict";
import { test } from "node:test";
import { Budget, EverypageError, walk } from "everypage";
import { cursor, list, VirtualClock } from "./support.js";

const ids = (records) => records.map((record) => record.id);
const rejects = async (promise) => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  assert.fail("it should have been rejected");
};
/** Rings the clock until the promise is settled. */
async function ringing(clock, promise) {
  let settled = false;
  const end = () => (settled = true);
  promise.then(end, end);
  for (let turn = 0; turn < 10_000 && !settled; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    if (!settled) clock.ring();
  }
  assert.ok(settled, "nothing rings any more and nothing came");
  return promise;
}

test("records are streamed, once, and the report says how sure it is", async () => {
  const leads = walk(cursor(), { fetch: list(5) });
  assert.equal(leads.report, null);
  assert.equal(leads.checkpoint(), null);
  const found = [];
  for await (const lead of leads) found.push(lead);
  assert.deepEqual(ids(found), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(leads.report.verdict, "complete");
  assert.equal(leads.report.counts.records, 10);
  assert.equal(leads.progress.records, 10);
  assert.equal(leads.report.checks.length, 11);
});

test("a walk is used once", async () => {
  const leads = walk(cursor(), { fetch: list(1) });
  await leads.all();
  for (const again of [() => leads[Symbol.asyncIterator](), () => leads.pages()]) {
    assert.throws(again, (error) => error instanceof EverypageError && error.code === "EP_USAGE");
  }
  assert.equal((await rejects(leads.all())).kind, "UsageError");
});

test("an invalid source throws at once, with everything that is wrong", () => {
  const wrong = { request: { url: "ftp://x" }, record: "/data", pagination: { style: "cursor" } };
  assert.throws(
    () => walk(wrong),
    (error) => {
      assert.equal(error.code, "EP_INVALID_SOURCE");
      assert.equal(error.kind, "InvalidSource");
      assert.ok(error.faults.length >= 3, error.message);
      assert.ok(error.faults.every((fault) => fault.field && fault.found && fault.expected));
      return true;
    },
  );
  const circle = cursor();
  circle.self = circle;
  for (const [source, options, field] of [
    [circle, {}, "source"],
    [{ ...cursor(), concurrency: 1n }, {}, "source"],
    [undefined, {}, "source"],
    [cursor(), { numbers: "float" }, "numbers"],
    [cursor(), { fetch: "x" }, "fetch"],
    [cursor(), { idleTimeout: 0 }, "idleTimeout"],
    [cursor(), { vars: { A: 1 } }, "vars"],
    [cursor(), { onprogress: () => {} }, "onprogress"],
  ]) {
    assert.throws(() => walk(source, options), (error) => error.faults?.[0].field === field, field);
  }
});

test("variables, credentials and the environment fill the source", async () => {
  const serve = list(1);
  const source = { ...cursor(), request: { url: "https://api.example.com/{TEAM}" }, auth: { bearer: "${TOKEN}" } };
  await walk(source, { fetch: serve, vars: { TEAM: "east" }, env: (name) => `${name}-1` }).all();
  assert.equal(serve.asked[0].url, "https://api.example.com/east");
  assert.deepEqual(serve.asked[0].init.headers.find(([name]) => name === "authorization")[1], "Bearer TOKEN-1");
  await walk(source, { fetch: serve, vars: { TEAM: "east" }, auth: { bearer: "mine" } }).all();
  assert.equal(serve.asked[1].init.headers.find(([name]) => name === "authorization")[1], "Bearer mine");
  const missing = { auth: { bearer: "${NO_SUCH_NAME_HERE}" } };
  assert.throws(() => walk({ ...cursor(), ...missing }), /NO_SUCH_NAME_HERE/);
});

test("next() called twice queues", async () => {
  const leads = walk(cursor(), { fetch: list(3, 1) })[Symbol.asyncIterator]();
  const results = await Promise.all([leads.next(), leads.next(), leads.next(), leads.next(), leads.next()]);
  assert.deepEqual(results.map((r) => r.value?.id), [0, 1, 2, undefined, undefined]);
  assert.deepEqual(results.map((r) => r.done), [false, false, false, true, true]);
});

test("a page is acknowledged when the first record after it is asked for", async () => {
  const leads = walk(cursor(), { fetch: list(3, 2) });
  const records = leads[Symbol.asyncIterator]();
  const stored = async () => {
    const from = leads.checkpoint();
    return ids(await walk(cursor(), { fetch: list(3, 2), resume: from }).all());
  };
  await records.next();
  await records.next();
  assert.deepEqual(await stored(), [0, 1, 2, 3, 4, 5]);
  await records.next();
  assert.deepEqual(await stored(), [2, 3, 4, 5]);
});

test("pages are acknowledged by commit or by asking for the next", async () => {
  const leads = walk(cursor(), { fetch: list(3, 2) });
  const left = async () => ids(await walk(cursor(), { fetch: list(3, 2), resume: leads.checkpoint() }).all());
  const seen = [];
  for await (const page of leads.pages()) {
    seen.push([page.number, page.length, ids(page.records)]);
    assert.equal((await left())[0], (page.number - 1) * 2);
    await page.commit();
    await page.commit();
    if (page.number < 3) assert.equal((await left())[0], page.number * 2);
  }
  assert.deepEqual(seen, [[1, 2, [0, 1]], [2, 2, [2, 3]], [3, 2, [4, 5]]]);
});

test("an early break stops the walk, keeps the checkpoint and cancels what is on the wire", async () => {
  const signals = [];
  const serve = list(100, 2);
  const leads = walk(cursor(), {
    fetch: (url, init) => {
      signals.push(init.signal);
      // The second page never comes.
      return signals.length === 1 ? serve(url, init) : new Promise(() => {});
    },
  });
  for await (const lead of leads) if (lead.id === 1) break;
  assert.equal(leads.report.verdict, "stopped");
  assert.equal(signals.length, 2);
  assert.ok(signals[1].aborted);
  const rest = await walk(cursor(), { fetch: list(3, 2), resume: leads.checkpoint() }).all();
  assert.deepEqual(ids(rest), [0, 1, 2, 3, 4, 5], "the page in hand was not acknowledged");
});

test("break while next() waits elsewhere ends both", async () => {
  const leads = walk(cursor(), { fetch: () => new Promise(() => {}) })[Symbol.asyncIterator]();
  const waiting = leads.next();
  await leads.return();
  assert.deepEqual(await waiting, { done: true, value: undefined });
});

test("await using and stop() end a walk", async () => {
  const leads = walk(cursor(), { fetch: list(3) });
  await leads[Symbol.asyncDispose]();
  assert.equal(leads.report.verdict, "stopped");
  assert.deepEqual(await walk(cursor(), { fetch: list(3, 1), resume: leads.checkpoint() }).all(), [{ id: 0 }, { id: 1 }, { id: 2 }]);
});

test("all({ max }) stops at the limit and says so", async () => {
  const leads = walk(cursor(), { fetch: list(5) });
  assert.deepEqual(ids(await leads.all({ max: 3 })), [0, 1, 2]);
  assert.equal(leads.report.verdict, "stopped");
  const whole = walk(cursor(), { fetch: list(5) });
  assert.equal((await whole.all({ max: 10 })).length, 10);
  assert.equal(whole.report.verdict, "complete");
});

test("as a stream: objects, or bytes", async () => {
  const found = [];
  for await (const lead of walk(cursor(), { fetch: list(2) }).toReadableStream()) found.push(lead.id);
  assert.deepEqual(found, [0, 1, 2, 3]);
  const bytes = walk(cursor(), { fetch: list(2) }).toReadableStream({ as: "ndjson" });
  assert.equal(await new Response(bytes).text(), '{"id":0}\n{"id":1}\n{"id":2}\n{"id":3}\n');
  const leads = walk(cursor(), { fetch: list(9) });
  const reader = leads.toReadableStream().getReader();
  await reader.read();
  await reader.cancel();
  assert.equal(leads.report.verdict, "stopped");
});

test("abort rejects with the signal's reason, and the walk can be resumed", async () => {
  const reason = new Error("enough");
  for (const when of ["before", "while it waits", "while a page is worked on"]) {
    const control = new AbortController();
    let listeners = 0;
    const { signal } = control;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...args) => (listeners++, add(...args));
    signal.removeEventListener = (...args) => (listeners--, remove(...args));
    const serve = list(3, 2);
    const slow = (url, init) =>
      url.includes("cursor=1") ? new Promise((_, no) => init.signal.addEventListener("abort", () => no(init.signal.reason))) : serve(url, init);
    const leads = walk(cursor(), { fetch: slow, signal });
    const pages = leads.pages();
    if (when === "before") control.abort(reason);
    else await pages.next();
    const next = when === "while it waits" ? pages.next() : null;
    if (next) await new Promise((resolve) => setImmediate(resolve));
    control.abort(reason);
    assert.equal(await rejects(next ?? pages.next()), reason, when);
    assert.deepEqual(await pages.next(), { done: true, value: undefined });
    assert.equal(listeners, 0, when);
    assert.equal(leads.report.verdict, "stopped");
    assert.equal(serve.asked.length, when === "before" ? 0 : 1);
    const rest = ids(await walk(cursor(), { fetch: list(3, 2), resume: leads.checkpoint() }).all());
    assert.deepEqual(rest, when === "while it waits" ? [2, 3, 4, 5] : [0, 1, 2, 3, 4, 5], when);
  }
});

test("a walk that ends by itself leaves no listener behind", async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
  signal.addEventListener = (...args) => (listeners++, add(...args));
  signal.removeEventListener = (...args) => (listeners--, remove(...args));
  await walk(cursor(), { fetch: list(2), signal }).all();
  assert.equal(listeners, 0);
});

test("an exception of the caller's own code comes back as the same object", async () => {
  const mine = new RangeError("my fetch has a bug");
  for (const [name, options] of [
    ["fetch throws", { fetch: () => { throw mine; } }],
    ["fetch rejects", { fetch: async () => { throw mine; } }],
    ["fetch throws no error", { fetch: async () => { throw mine; } }],
    ["onProgress throws", { fetch: list(3), onProgress: () => { throw mine; } }],
    ["authorize throws", { fetch: async () => new Response("", { status: 401 }), auth: { bearer: "x" }, authorize: () => { throw mine; } }],
  ]) {
    const leads = walk(cursor(), options);
    assert.equal(await rejects(leads.all()), mine, name);
    assert.equal(leads.report.verdict, "failed", name);
    assert.equal(leads.report.error.code, "EP_HOST_CALLBACK", name);
    assert.equal(typeof leads.checkpoint(), "string", name);
  }
});

test("what the network did is retried, and the last cause is kept", async () => {
  const clock = new VirtualClock();
  let calls = 0;
  const down = async () => {
    calls++;
    throw new TypeError("fetch failed", { cause: Object.assign(new Error("no"), { code: "ECONNREFUSED" }) });
  };
  const error = await ringing(clock, rejects(walk(cursor(), { fetch: down, clock }).all()));
  assert.ok(error instanceof EverypageError);
  assert.equal(error.code, "EP_NETWORK");
  assert.equal(error.cause.message, "fetch failed");
  assert.equal(error.report.verdict, "failed");
  assert.equal(error.report.error.attempts, 6);
  assert.equal(error.error.page, 1);
  assert.equal(typeof error.checkpoint, "string");
  assert.equal(calls, 6);
});

test("strict makes an error of what is not proven; the report stays", async () => {
  const source = cursor({ pagination: { style: "cursor", read: "body:/next", write: "query:cursor" } });
  const leads = walk(source, { fetch: list(2), strict: true });
  const error = await rejects(leads.all());
  assert.equal(error.code, "EP_INCOMPLETE");
  assert.equal(error.report.verdict, "unproven");
  assert.equal(leads.report, error.report);
  assert.equal((await walk(source, { fetch: list(2) }).all()).length, 4);
});

test("a checkpoint of another source is refused, and so is a damaged one", async () => {
  const leads = walk(cursor(), { fetch: list(3) });
  await leads.pages().next();
  const from = leads.checkpoint();
  const other = walk(cursor({ id: "/other" }), { fetch: list(3), resume: from });
  assert.equal((await rejects(other.all())).code, "EP_CHECKPOINT_MISMATCH");
  const damaged = walk(cursor(), { fetch: list(3), resume: from.replace(/"pages":\d/, '"pages":7') });
  assert.equal((await rejects(damaged.all())).code, "EP_CHECKPOINT_CORRUPT");
  assert.equal((await rejects(walk(cursor(), { resume: "x" }).all())).code, "EP_CHECKPOINT_CORRUPT");
});

test("no timer is set between pages when nothing is to be waited for", async () => {
  const clock = new VirtualClock();
  await walk(cursor(), { fetch: list(200), clock }).all();
  assert.equal(clock.alarms.length, 1, "one alarm watches over all requests");
  assert.equal(clock.set, 0, "and it is gone afterwards");
});

test("a stated wait is waited for, to the millisecond", async () => {
  const clock = new VirtualClock();
  const serve = list(2);
  const times = [];
  const limited = async (url, init) => {
    times.push(clock.tick);
    return times.length === 2 ? new Response("", { status: 429, headers: { "retry-after": "7" } }) : serve(url, init);
  };
  const seen = [];
  const leads = walk(cursor(), { fetch: limited, clock, onProgress: ({ waiting }) => waiting && seen.push(waiting.why) });
  assert.equal((await ringing(clock, leads.all())).length, 4);
  assert.ok(times[2] - times[1] >= 7000, `${times}`);
  assert.deepEqual([...new Set(seen)], ["retry_after"]);
  assert.ok(leads.report.waits_ms.retry_after >= 7000);
});

test("a wait of more than 2^31 ms is waited for in parts", async () => {
  const clock = new VirtualClock();
  const serve = list(2);
  const times = [];
  const limited = async (url, init) => {
    times.push(clock.tick);
    return times.length === 2 ? new Response("", { status: 429, headers: { "retry-after": "2592000" } }) : serve(url, init);
  };
  const source = cursor({ max_wait: "60d", retry: { page_time: "90d" } });
  const found = await ringing(clock, walk(source, { fetch: limited, clock }).all());
  assert.equal(found.length, 4);
  assert.ok(times[2] - times[1] >= 2_592_000_000);
  // And the platform's own clock never asks its timers for more than they take.
  const { clock: system } = await import("../build/src/clock.js");
  const real = globalThis.setTimeout;
  const asked = [];
  globalThis.setTimeout = (wake, ms) => (asked.push(ms), real(wake, 0));
  try {
    system.alarm(2 ** 33, () => {}).cancel();
  } finally {
    globalThis.setTimeout = real;
  }
  assert.deepEqual(asked, [2 ** 31 - 1]);
});

test("a request without an answer is given up when the server has been silent for too long", async () => {
  const clock = new VirtualClock();
  const serve = list(2);
  let calls = 0;
  const silent = (url, init) => (++calls === 1 ? new Promise(() => {}) : serve(url, init));
  const leads = walk(cursor(), { fetch: silent, clock, idleTimeout: 5000 });
  assert.equal((await ringing(clock, leads.all())).length, 4);
  assert.equal(leads.report.counts.retries, 1);
  assert.ok(clock.tick >= 6000);
});

test("walks on one budget share its rate", async () => {
  const clock = new VirtualClock();
  const budget = new Budget();
  const times = [];
  const serve = list(3, 1);
  const timed = (url, init) => (times.push(clock.tick), serve(url, init));
  const source = cursor({ rate: [{ requests: 2, per: "1s" }] });
  const options = { fetch: timed, clock, budget };
  const both = Promise.all([walk(source, options).all(), walk(source, options).all()]);
  assert.deepEqual((await ringing(clock, both)).map((found) => found.length), [3, 3]);
  for (let at = 2; at < times.length; at++) assert.ok(times[at] - times[at - 2] >= 1000, `${times}`);
});

test("a 401 asks for fresh credentials once, for all walks of the budget", async () => {
  const budget = new Budget();
  const asked = [];
  const serve = list(2, 1);
  const guarded = async (url, init) => {
    const [, token] = init.headers.find(([name]) => name === "authorization");
    return token === "Bearer new" ? serve(url, init) : new Response("", { status: 401 });
  };
  const authorize = async (generation) => (asked.push(generation), { bearer: "new" });
  const source = cursor({ auth: { bearer: "old" } });
  const options = { fetch: guarded, budget, authorize };
  const found = await Promise.all([walk(source, options).all(), walk(source, options).all()]);
  assert.deepEqual(found.map((records) => records.length), [2, 2]);
  assert.deepEqual(asked, [1]);
  const error = await rejects(walk(source, { fetch: guarded }).all());
  assert.equal(error.code, "EP_AUTH_REQUIRED");
});

test("records are what JSON.parse would give, __proto__ included", async () => {
  const body = '{"data":[{"id":1,"__proto__":{"admin":true},"text":"\\ud800 é \\u0000","n":1e400}],"next":null}';
  const [record] = await walk(cursor(), { fetch: async () => new Response(body) }).all();
  assert.deepEqual(Object.keys(record), ["id", "__proto__", "text", "n"]);
  assert.equal(record.admin, undefined);
  assert.equal({}.admin, undefined);
  assert.deepEqual(record, JSON.parse(body).data[0]);
});

test("whole numbers beyond 2^53: rounded with one warning, or kept", async () => {
  const body = (next) => `{"data":[{"id":${next}9007199254740993,"small":5,"f":0.5},{"id":${next}9007199254740992}],"next":${next < 2 ? next + 1 : null}}`;
  const serve = async (url) => new Response(body(Number(new URL(url).searchParams.get("cursor") ?? 1)));
  const warnings = [];
  const warn = (warning) => warning.code === "EP_PRECISION" && warnings.push(warning.message);
  process.on("warning", warn);
  const read = (options) => walk(cursor(), { fetch: serve, ...options }).all();
  const rounded = await read({});
  assert.equal(rounded.length, 4, "the core tells ids apart that JavaScript can't");
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(warnings.length, 1);
  assert.deepEqual((await read({ numbers: "string" }))[0], { id: "19007199254740993", small: 5, f: 0.5 });
  assert.deepEqual((await read({ numbers: "bigint" }))[0], { id: 19007199254740993n, small: 5, f: 0.5 });
  const raw = await read({ raw: true });
  assert.equal(new TextDecoder().decode(raw[1]), '{"id":19007199254740992}');
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", warn);
  assert.equal(warnings.length, 1);
});

test("raw bytes and NDJSON are what the server sent", async () => {
  const body = '{"data":[ {"id": 1,\n "x":"é"} , {"id":2}\r\n,{"id":1}],"next":null}';
  for await (const page of walk(cursor(), { fetch: async () => new Response(body) }).pages()) {
    const text = new TextDecoder();
    assert.deepEqual(page.raw.map((raw) => text.decode(raw)), ['{"id": 1,\n "x":"é"}', '{"id":2}']);
    assert.equal(text.decode(page.ndjson()), '{"id": 1,  "x":"é"}\n{"id":2}\n');
    assert.deepEqual(page.records, [{ id: 1, x: "é" }, { id: 2 }]);
  }
});

test("limits hold while a body arrives", async () => {
  const chunk = new Uint8Array(1 << 20).fill(32);
  let sent = 0;
  const endless = async () =>
    new Response(new ReadableStream({ pull: (stream) => (sent++, stream.enqueue(chunk)) }));
  const error = await rejects(walk(cursor({ limits: { body: "4MiB" } }), { fetch: endless }).all());
  assert.equal(error.code, "EP_TOO_LARGE");
  assert.ok(sent < 10, `${sent}`);
  const announced = async () => new Response("{}", { headers: { "content-length": String(1 << 30) } });
  assert.equal((await rejects(walk(cursor(), { fetch: announced }).all())).code, "EP_TOO_LARGE");
});

test("errors and reports hold no secret", async () => {
  const clock = new VirtualClock();
  const secret = "hunter2hunter2";
  const source = cursor({ auth: { bearer: secret }, request: { url: "https://api.example.com/leads?page_token=abc" } });
  const leak = async () => {
    throw new TypeError(`fetch failed for ${secret}`, { cause: Object.assign(new Error(secret), { code: "ECONNRESET" }) });
  };
  const error = await ringing(clock, rejects(walk(source, { fetch: leak, clock }).all()));
  const shown = error.message + error.advice + JSON.stringify(error.report) + error.checkpoint;
  assert.ok(!shown.includes(secret) && !shown.includes("abc"), shown);
});
