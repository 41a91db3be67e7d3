// The examples, started as anybody would.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { browser, serve, skip } from "./browser.js";
import { project } from "./project.js";
import { leadserver } from "./support.js";

const examples = fileURLToPath(new URL("../../examples/", import.meta.url));
let at;

before(async () => {
  at = await project("examples");
});

test("Node: pulled to a file, interrupted, gone on, compared", async (t) => {
  const server = await leadserver(t, "--records=5000", "--churn=mixed", "--churn-every=5", "--churn-size=20", "--fault=5xx=3%", "--fault=reset-in-body=2%");
  cpSync(join(examples, "node/pull.mjs"), join(at, "pull.mjs"));
  const { stdout } = await promisify(execFile)(process.execPath, ["pull.mjs", server.url], { cwd: at });
  assert.match(stdout, /^interrupted: \d+ leads are stored$/m);
  assert.match(stdout, /^complete: \d+ leads/m);
  assert.match(stdout, /: 0 of them missed; 0 written twice$/m);
});

test("browser: rows, progress, waits and the verdict, live; stopped and gone on", { skip }, async (t) => {
  const server = await leadserver(t, "--records=3000", "--cors=expose", "--rate=25/1s", "--fault=503=4", "--latency-ms=5");
  const pages = await serve({ example: join(examples, "browser"), everypage: join(at, "node_modules/everypage/dist") });
  const chromium = await browser();
  t.after(() => Promise.all([chromium.close(), pages.stop()]));
  const page = await chromium.newPage({ viewport: { width: 1000, height: 900 } });
  await page.goto(`${pages.url}/example/index.html?server=${encodeURIComponent(server.url)}`);
  await page.waitForSelector("body[data-ready]");
  await page.click("#start");
  const number = (id) => page.$eval(id, (node) => Number(node.textContent.replaceAll(",", "")));
  await page.waitForFunction(() => Number(document.querySelector("#pages").textContent) >= 5);
  await page.waitForFunction(() => document.querySelector("#waiting").textContent !== "–");
  assert.ok((await page.$$("#rows tr")).length > 0);
  await page.click("#stop");
  await page.waitForSelector('#verdict[data-verdict="stopped"]');
  const stored = await number("#records");
  assert.ok(stored > 0 && stored < 3000);
  await page.click("#resume");
  await page.waitForSelector('#verdict[data-verdict="complete"]', { timeout: 30_000 });
  assert.equal(await number("#records"), 3000);
  assert.match(await page.textContent("#verdict"), /complete: 3,000 leads/);
  assert.equal((await page.$$("#checks li")).length, 11);
  if (process.env.EVERYPAGE_SCREENSHOT) await page.screenshot({ path: process.env.EVERYPAGE_SCREENSHOT });
});
