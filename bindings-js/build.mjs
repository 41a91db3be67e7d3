// Makes `dist/` from `src/*.ts` and the glue and module under `generated/`: `cargo xtask npm` calls it.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import { typesOf } from "./schema.mjs";

// What the module may weigh: in bytes, and in bytes once compressed.
const LIMIT = { raw: 840_000, gzip: 355_000 };

const here = dirname(fileURLToPath(import.meta.url));
const at = (...parts) => join(here, ...parts);
const require = createRequire(import.meta.url);
const run = (program, ...args) => execFileSync(process.execPath, [program, ...args], { cwd: here, stdio: "inherit" });
const inPackage = (name, ...parts) => join(dirname(require.resolve(`${name}/package.json`)), ...parts);

// What everything is made of. If nothing of it has changed, there is nothing to do.
const sources = [...readdirSync(at("src")).map((name) => `src/${name}`), "build.mjs", "schema.mjs", "tsconfig.json", "package-lock.json"];
const inputs = [...sources, "generated/core.js", "generated/core_bg.wasm", "../schema/source.schema.json"].filter((name) => !name.endsWith(".rs"));
const hash = createHash("sha256");
for (const name of inputs.sort()) hash.update(`${name}\n`).update(readFileSync(at(name)));
const stamp = hash.digest("hex");
const before = (() => {
  try {
    return readFileSync(at("build/stamp"), "utf8");
  } catch {
    return null;
  }
})();
if (before === stamp) {
  console.log("dist is up to date");
  process.exit(0);
}

rmSync(at("dist"), { recursive: true, force: true });
rmSync(at("build"), { recursive: true, force: true });
mkdirSync(at("dist"));

// No feature flags: the module says itself what it uses, and more would not load everywhere.
const module = at("dist/everypage.wasm");
run(inPackage("binaryen", "bin/wasm-opt"), at("generated/core_bg.wasm"), ...(process.env.WASM_OPT ?? "-Oz").split(" "), "-o", module);
const raw = statSync(module).size;
const gzip = gzipSync(readFileSync(module), { level: 9 }).length;
console.log(`everypage.wasm: ${raw} bytes, ${gzip} compressed (at most ${LIMIT.raw} and ${LIMIT.gzip})`);
if (raw > LIMIT.raw || gzip > LIMIT.gzip) {
  const unpublished = process.env.EVERYPAGE_UNPUBLISHED;
  console.error(`the module has grown too large${unpublished ? `, as built with ${unpublished}: for tests it will do` : ""}`);
  if (!unpublished) process.exit(1);
}
writeFileSync(at("generated/inline.js"), `export const wasm = "${readFileSync(module).toString("base64")}";\n`);
writeFileSync(at("generated/inline.d.ts"), "export const wasm: string;\n");

writeFileSync(at("generated/source.ts"), typesOf(JSON.parse(readFileSync(at("../schema/source.schema.json"), "utf8"))));

// Types: as modules and, for `require`, once more under the other ending.
run(inPackage("typescript", "bin/tsc"), "-p", at("tsconfig.json"));
const internal = new Set(["clock.d.ts", "driver.d.ts", "failure.d.ts", "index.workerd.d.ts", "transport.d.ts", "turns.d.ts"]);
copyFileSync(at("build/generated/source.d.ts"), at("build/src/source.d.ts"));
for (const name of readdirSync(at("build/src")).filter((name) => name.endsWith(".d.ts"))) {
  if (internal.has(name)) continue;
  const text = readFileSync(at("build/src", name), "utf8").replace("../generated/source.js", "./source.js");
  writeFileSync(at("dist", name), text);
  writeFileSync(at("dist", name.replace(/\.d\.ts$/, ".d.cts")), text.replaceAll(/(from "\.\/[\w.]+)\.js"/g, '$1.cjs"'));
}

const bundle = (entry, format, name = entry) =>
  build({
    entryPoints: [at("src", `${entry}.ts`)],
    outfile: at("dist", `${name}.${format === "cjs" ? "cjs" : "js"}`),
    format,
    bundle: true,
    platform: "neutral",
    target: "es2022",
    external: ["node:*", "*.wasm"],
    legalComments: "none",
    logLevel: "warning",
  });
for (const entry of ["index", "slim", "jsonl", "indexeddb"]) {
  await bundle(entry, "esm");
  await bundle(entry, "cjs");
}
await bundle("index.workerd", "esm");
// Beside the bundle the module has its public name.
const workerd = at("dist/index.workerd.js");
writeFileSync(workerd, readFileSync(workerd, "utf8").replace("../generated/core_bg.wasm", "./everypage.wasm"));
copyFileSync(at("../schema/source.schema.json"), at("dist/source.schema.json"));
for (const licence of ["LICENSE-MIT", "LICENSE-APACHE"]) copyFileSync(at("..", licence), at(licence));
writeFileSync(at("build/stamp"), stamp);
