// The package in a real browser: plain, and built by each bundler; what a browser hides; every vector.
import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { browser, serve, skip } from "./browser.js";
import { project } from "./project.js";
import { written } from "./replay.js";
import { leadserver, vectorsFolder } from "./support.js";

const folder = (path) => fileURLToPath(new URL(path, import.meta.url));
let chromium;
let pages;
let at;

const APP = `
import { walk } from "everypage";
import { checkpointStore } from "everypage/indexeddb";
window.everypage = { walk, checkpointStore };
/** What became of a walk. */
window.pull = async (source, options) => {
  const leads = walk(source, options);
  let records = 0;
  try {
    for await (const lead of leads) if (lead.id) records++;
  } catch (error) {
    return { code: error.code, records, verdict: leads.report.verdict };
  }
  return { verdict: leads.report.verdict, records };
};
`;

before(async () => {
  if (skip) return;
  at = await project("browser");
  writeFileSync(join(at, "app.js"), APP);
  const html = (script) => `<!doctype html><meta charset="utf-8"><title>everypage</title>${script}`;
  const map = { imports: { everypage: "./node_modules/everypage/dist/index.js", "everypage/indexeddb": "./node_modules/everypage/dist/indexeddb.js" } };
  writeFileSync(join(at, "plain.html"), html(`<script type="importmap">${JSON.stringify(map)}</script><script type="module" src="./app.js"></script>`));
  writeFileSync(join(at, "index.html"), html('<script type="module" src="./app.js"></script>'));
  for (const name of ["esbuild", "webpack"]) {
    mkdirSync(join(at, name));
    writeFileSync(join(at, name, "index.html"), html('<script type="module" src="./app.js"></script>'));
  }
  chromium = await browser();
  pages = await serve({ project: at, generated: folder("../generated"), dist: folder("../dist"), test: folder("."), vectors: fileURLToPath(vectorsFolder) });
});

after(async () => {
  await chromium?.close();
  await pages?.stop();
});

async function open(t, path) {
  const page = await chromium.newPage();
  t.after(() => page.close());
  const broken = [];
  page.on("pageerror", (error) => broken.push(error.message));
  await page.goto(`${pages.url}/${path}`);
  await page.waitForFunction(() => "pull" in window, null, { timeout: 20_000 }).catch((error) => assert.fail(`${error.message} ${broken}`));
  return page;
}

const cursors = (url, more = {}) => ({
  request: { url: `${url}/cursor` }, records: "/data", id: "/id", size: { write: "query:limit", value: 100 }, total: "body:/total",
  pagination: { style: "cursor", read: "body:/pagination/next_cursor", write: "query:cursor", stable: "key" },
  retry: { base: "1ms", cap: "5ms" }, ...more,
});
const offsets = (url) => ({ ...cursors(url), request: { url: `${url}/offset` }, pagination: { style: "offset" } });
const links = (url) => ({ ...cursors(url), request: { url: `${url}/link` }, records: "", total: "header:X-Total-Count", pagination: { style: "link", read: "link:next", stable: "key" } });
const whole = { verdict: "complete", records: 500 };

const builds = {
  "a plain page": async () => "project/plain.html",
  esbuild: async () => {
    const { build } = await import("esbuild");
    await build({ entryPoints: [join(at, "app.js")], bundle: true, format: "esm", outfile: join(at, "esbuild/app.js"), logLevel: "error" });
    return "project/esbuild/index.html";
  },
  webpack: async () => {
    const { default: webpack } = await import("webpack");
    const built = webpack({ mode: "production", context: at, entry: "./app.js", output: { path: join(at, "webpack"), filename: "app.js" }, performance: false });
    const stats = await new Promise((resolve, reject) => built.run((error, stats) => (error ? reject(error) : resolve(stats))));
    assert.ok(!stats.hasErrors() && !stats.hasWarnings(), stats.toString());
    assert.deepEqual(readdirSync(join(at, "webpack")).filter((name) => name.endsWith(".wasm")), [], "nothing to serve beside it");
    return "project/webpack/index.html";
  },
  Vite: async () => {
    const { build } = await import("vite");
    await build({ root: at, base: "./", logLevel: "error", build: { outDir: "vite", target: "es2022", chunkSizeWarningLimit: 10_000 } });
    return "project/vite/index.html";
  },
};

for (const [name, build] of Object.entries(builds)) {
  test(`${name}: it walks`, { skip }, async (t) => {
    const server = await leadserver(t, "--records=500", "--cors=expose", "--fault=503=2", "--fault=truncate-length=3");
    const page = await open(t, await build());
    assert.deepEqual(await page.evaluate((source) => window.pull(source), cursors(server.url)), whole);
    const { by_path } = await server.ask("/stats");
    assert.ok(Object.values(by_path).length > 0);
  });
}

test("what a browser hides is said and not guessed", { skip }, async (t) => {
  const page = await open(t, "project/plain.html");
  const pull = async (source, ...flags) => {
    const server = await leadserver(t, "--records=500", ...flags);
    return page.evaluate((source) => window.pull(source), source(server.url));
  };
  assert.deepEqual(await pull(links, "--cors=expose"), whole);
  // Without the header there is no telling the end from a page whose link can't be seen.
  assert.equal((await pull(links, "--cors=hide")).code, "EP_HEADER_NOT_VISIBLE");
  assert.equal((await pull(offsets, "--cors=expose", "--fault=redirect=2")).code, "EP_HEADER_NOT_VISIBLE");
  assert.equal((await pull(cursors)).code, "EP_NETWORK_OR_CORS");
  assert.equal((await pull(() => cursors("http://127.0.0.1:1"))).code, "EP_NETWORK_OR_CORS");
});

test("a checkpoint outlives the page in IndexedDB", { skip }, async (t) => {
  const server = await leadserver(t, "--records=500", "--cors=expose");
  const page = await open(t, "project/plain.html");
  await page.evaluate(async (source) => {
    const store = await window.everypage.checkpointStore();
    const leads = window.everypage.walk(source);
    for await (const found of leads.pages()) {
      await found.commit();
      await store.save("leads", leads.checkpoint());
      if (found.number === 2) break;
    }
  }, cursors(server.url));
  await page.reload();
  await page.waitForFunction(() => "pull" in window);
  const rest = await page.evaluate(async (source) => {
    const store = await window.everypage.checkpointStore();
    const found = await window.pull(source, { resume: await store.load("leads") });
    await store.remove("leads");
    return { ...found, left: await store.load("leads") };
  }, cursors(server.url));
  assert.deepEqual(rest, { verdict: "complete", records: 300, left: null });
});

test("every vector", { skip }, async (t) => {
  const page = await open(t, "project/plain.html");
  const names = readdirSync(vectorsFolder).filter((name) => name.endsWith(".json"));
  const replayed = await page.evaluate(async (names) => {
    const core = await import("/generated/core.js");
    const { replay } = await import("/test/replay.js");
    await core.default({ module_or_path: "/dist/everypage.wasm" });
    let count = 0;
    for (const name of names) {
      replay(core, await (await fetch(`/vectors/${name}`)).json());
      count++;
    }
    return count;
  }, names);
  const expected = written(readFileSync(new URL("README.md", vectorsFolder), "utf8"));
  console.log(`${replayed} of ${expected} vectors replayed in the browser`);
  assert.equal(replayed, expected);
});
