// The package as it is published, installed into a project of its own, wherever it has to run.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { program, project } from "./project.js";
import { leadserver } from "./support.js";

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const tool = (name, ...path) => join(dirname(require.resolve(`${name}/package.json`)), ...path);
const last = (stdout) => JSON.parse(stdout.trim().split("\n").at(-1));
const whole = { verdict: "complete", records: 6 };
let at;

before(async () => {
  at = await project("hosts");
});

const IMPORT = 'import { walk, EverypageError } from "everypage";\n';
const REQUIRE = 'const { walk, EverypageError } = require("everypage");\n';
/** A walk over three pages in memory, and a source that is wrong. */
const WALK = `
const serve = async (url) => {
  const page = Number(new URL(url).searchParams.get("cursor") ?? 0);
  return Response.json({ data: [{ id: 2 * page }, { id: 2 * page + 1 }], next: page < 2 ? String(page + 1) : null });
};
async function check(options = { fetch: serve }, url = "https://api.example.com/leads") {
  const source = {
    request: { url }, records: "/data", id: "/id",
    pagination: { style: "cursor", read: "body:/next", write: "query:cursor", stable: "key" },
  };
  const leads = walk(source, options);
  let records = 0;
  for await (const lead of leads) if (typeof lead === "object") records++;
  try {
    walk({ ...source, records: 7 });
  } catch (error) {
    if (!(error instanceof EverypageError)) throw error;
    return { verdict: leads.report.verdict, records };
  }
}
`;
const PRINT = "check().then((found) => console.log(JSON.stringify(found)));\n";
/** The lead server: a fault of each kind that a platform's fetch has to tell. */
const SERVER = `
const [url] = (globalThis.Deno?.args ?? process.argv.slice(2));
const leads = walk({
  request: { url: url + "/offset" }, records: "/data", id: "/id", total: "body:/total", size: { write: "query:limit", value: 50 },
  order: { by: "/created_at", direction: "desc", immutable: true },
  pagination: { style: "offset" }, retry: { base: "1ms", cap: "5ms", attempts: 8 },
});
let records = 0;
for await (const lead of leads) records += lead.id ? 1 : 0;
const { verdict, counts } = leads.report;
console.log(JSON.stringify({ verdict, records, retries: counts.retries > 0 }));
`;

test("the package holds what it should and nothing else", () => {
  const files = readdirSync(join(at, "node_modules/everypage"));
  assert.deepEqual(files.sort(), ["LICENSE-APACHE", "LICENSE-MIT", "README.md", "dist", "package.json"]);
  const described = require(join(at, "node_modules/everypage/package.json"));
  assert.equal(described.dependencies, undefined);
  assert.equal(described.scripts, undefined);
});

test("Node, as a module and by require", async () => {
  writeFileSync(join(at, "check.mjs"), IMPORT + WALK + PRINT);
  writeFileSync(join(at, "check.cjs"), REQUIRE + WALK + PRINT);
  for (const file of ["check.mjs", "check.cjs"]) {
    const { stdout } = await run(process.execPath, [file], { cwd: at });
    assert.deepEqual(last(stdout), whole, file);
  }
  const both = 'require("everypage/jsonl").jsonlFile; require("everypage/indexeddb").checkpointStore; require("everypage/everypage.wasm".replace("everypage.wasm", "source.schema.json")).title;';
  await run(process.execPath, ["-e", both], { cwd: at });
});

test("slim: the caller says where the module is", async () => {
  const init = `import { readFileSync } from "node:fs";\nimport { init } from "everypage/slim";
    const early = (() => { try { walk({}); } catch (error) { return error.message; } })();
    if (!/init/.test(early)) throw new Error(early);
    await init(readFileSync(new URL("node_modules/everypage/dist/everypage.wasm", import.meta.url)));\n`;
  writeFileSync(join(at, "slim.mjs"), IMPORT.replace('"everypage"', '"everypage/slim"') + init + WALK + PRINT);
  const { stdout } = await run(process.execPath, ["slim.mjs"], { cwd: at });
  assert.deepEqual(last(stdout), whole);
});

test("Bun, as a module and by require", async () => {
  for (const [file, head] of [["check.mjs", IMPORT], ["check.cjs", REQUIRE]]) {
    writeFileSync(join(at, file), head + WALK + PRINT);
    const { stdout } = await run(tool("bun", "bin/bun.exe"), [file], { cwd: at });
    assert.deepEqual(last(stdout), whole, file);
  }
});

const deno = async (...args) => run(program("@deno", "deno"), args, { cwd: at, env: { ...process.env, DENO_NO_UPDATE_CHECK: "1" } });

test("Deno, without any permission", async () => {
  writeFileSync(join(at, "check.mjs"), IMPORT + WALK + PRINT);
  const { stdout } = await deno("run", "--no-prompt", "check.mjs");
  assert.deepEqual(last(stdout), whole);
});

const FAULTS = ["--records=600", "--fault=5xx=2", "--fault=reset-in-body=3", "--fault=truncate-chunked=4", "--fault=redirect=5", "--fault=gzip", "--fault=reset-before=6"];

test("a real server with faults, from Node, Bun and Deno", async (t) => {
  writeFileSync(join(at, "server.mjs"), IMPORT + SERVER);
  for (const [name, start] of [
    ["Node", (url) => run(process.execPath, ["server.mjs", url], { cwd: at })],
    ["Bun", (url) => run(tool("bun", "bin/bun.exe"), ["server.mjs", url], { cwd: at })],
    ["Deno", (url) => deno("run", "--no-prompt", "--allow-net", "server.mjs", url)],
  ]) {
    const server = await leadserver(t, ...FAULTS);
    const { stdout } = await start(server.url);
    assert.deepEqual(last(stdout), { verdict: "complete", records: 600, retries: true }, name);
  }
});

test("Cloudflare's workerd", async () => {
  const folder = join(at, "workerd");
  mkdirSync(folder, { recursive: true });
  cpSync(join(at, "node_modules/everypage/dist"), join(folder, "dist"), { recursive: true });
  // The bundler of Workers resolves by the condition `workerd`; here it is named.
  writeFileSync(
    join(folder, "worker.js"),
    IMPORT.replace('"everypage"', '"./dist/index.workerd.js"') + WALK +
      `export default { async test() { const found = await check(); if (JSON.stringify(found) !== '${JSON.stringify(whole)}') throw new Error(JSON.stringify(found)); } };`,
  );
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = (
  modules = [
    (name = "worker.js", esModule = embed "worker.js"),
    (name = "dist/index.workerd.js", esModule = embed "dist/index.workerd.js"),
    (name = "dist/everypage.wasm", wasm = embed "dist/everypage.wasm"),
  ],
  compatibilityDate = "2025-01-01",
))]);
`,
  );
  const { stderr } = await run(program("@cloudflare", "bin/workerd"), ["test", "config.capnp"], { cwd: folder });
  assert.match(stderr, /1|PASS/);
  rmSync(folder, { recursive: true });
});

test("the types, of modules and of require", async () => {
  cpSync(new URL("types.ts", import.meta.url), join(at, "types.mts"));
  cpSync(new URL("types.ts", import.meta.url), join(at, "types.cts"));
  const args = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2023,dom,dom.iterable,dom.asynciterable,esnext.disposable", "--module", "nodenext", "--types", "node", "--typeRoots", tool("@types/node", "..")];
  const { stdout } = await run(process.execPath, [tool("typescript", "bin/tsc"), ...args, "types.mts", "types.cts"], { cwd: at }).catch((error) => error);
  assert.equal(stdout, "");
});
