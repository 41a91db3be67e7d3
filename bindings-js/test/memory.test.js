// Memory doesn't grow with the list, but for the ids.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { promisify } from "node:util";

const WALK = `
  import { walk } from "everypage";
  const size = 1000;
  // One body for all pages but for its ids: what is measured is the walk and not the making of answers.
  const filler = "x".repeat(200);
  const serve = async (url) => {
    const page = Number(new URL(url).searchParams.get("cursor") ?? 0);
    const rows = Array.from({ length: size }, (_, at) => '{"id":' + (page * size + at) + ',"filler":"' + filler + '"}');
    const next = page + 1 < 500 ? '"' + (page + 1) + '"' : "null";
    return new Response('{"data":[' + rows.join() + '],"next":' + next + "}");
  };
  const source = {
    request: { url: "https://api.example.com/leads" }, records: "/data", id: "/id",
    pagination: { style: "cursor", read: "body:/next", write: "query:cursor" },
  };
  const memory = async () => {
    // Buffers go one turn after what held them.
    for (let turn = 0; turn < 3; turn++) {
      gc();
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
  let records = 0;
  let early = 0;
  for await (const page of walk(source, { fetch: serve }).pages()) {
    records += page.records.length;
    if (page.number === 50) early = await memory();
  }
  console.log(JSON.stringify({ records, early, late: await memory() }));
`;

test("memory is flat over 500,000 records", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--expose-gc", "--input-type=module", "-e", WALK], {
    cwd: new URL("..", import.meta.url),
  });
  const { records, early, late } = JSON.parse(stdout);
  assert.equal(records, 500_000);
  // Ids without holes take next to nothing; everything else is one page.
  assert.ok(late - early < 4 << 20, `from ${early} to ${late} bytes`);
});
