// Every example of the README is run, against the lead server.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { promisify } from "node:util";
import { browser, serve, skip } from "./browser.js";
import { project } from "./project.js";
import { leadserver } from "./support.js";

const text = readFileSync(new URL("../README.md", import.meta.url), "utf8");
const blocks = [...text.matchAll(/(?:<!-- test(?:: (?<where>\w+))? -->\n)?```js\n(?<code>.*?)```/gs)];
let at;

before(async () => {
  at = await project("readme");
});

test("every example says that it is run", () => {
  const marked = text.match(/<!-- test/g).length;
  assert.ok(blocks.length >= 5);
  assert.equal(marked, blocks.length);
});

for (const [index, { groups }] of blocks.entries()) {
  const inBrowser = groups.where === "browser";
  test(`example ${index + 1}`, { skip: inBrowser && skip }, async (t) => {
    const server = await leadserver(t, "--records=300", "--cors=expose");
    const code = groups.code.replaceAll("http://127.0.0.1:8080", server.url);
    if (!inBrowser) {
      writeFileSync(join(at, `example-${index}.mjs`), code);
      const { stdout } = await promisify(execFile)(process.execPath, [`example-${index}.mjs`], { cwd: at });
      assert.ok(stdout.length > 0);
    } else {
      const imports = { everypage: "./node_modules/everypage/dist/index.js", "everypage/indexeddb": "./node_modules/everypage/dist/indexeddb.js" };
      writeFileSync(join(at, "example.js"), `${code}\nwindow.verdict = leads.report.verdict;`);
      writeFileSync(join(at, "index.html"), `<!doctype html><script type="importmap">${JSON.stringify({ imports })}</script><script type="module" src="./example.js"></script>`);
      const pages = await serve({ readme: at });
      const chromium = await browser();
      t.after(() => Promise.all([chromium.close(), pages.stop()]));
      const page = await chromium.newPage();
      await page.goto(`${pages.url}/readme/index.html`);
      await page.waitForFunction(() => window.verdict);
      assert.equal(await page.evaluate(() => window.verdict), "unproven");
    }
    const { requests } = await server.ask("/stats");
    assert.ok(requests >= 3, "it walked");
  });
}
