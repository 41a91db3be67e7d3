// A project with the packed package installed, as its users have it.
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

/** A program that npm installed, in the package of this system: `@scope/anything/path`. */
export function program(scope, path) {
  const folder = new URL(`../node_modules/${scope}/`, import.meta.url);
  const found = readdirSync(folder).map((name) => new URL(`${name}/${path}`, folder).pathname).find(existsSync);
  if (!found) throw new Error(`no ${path} under ${folder}`);
  return found;
}

/** Its folder. It goes away when this process does. */
export async function project(name) {
  const tarball = process.env.EVERYPAGE_PACKAGE;
  if (!tarball) throw new Error("EVERYPAGE_PACKAGE names no package: run `cargo xtask js`");
  const at = mkdtempSync(join(tmpdir(), `everypage-${name}-`));
  process.on("exit", () => rmSync(at, { recursive: true, force: true }));
  mkdirSync(at, { recursive: true });
  writeFileSync(join(at, "package.json"), JSON.stringify({ name, private: true, type: "module" }));
  const quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--offline", "--ignore-scripts"];
  await promisify(execFile)("npm", ["install", ...quiet, tarball], { cwd: at });
  return at;
}
