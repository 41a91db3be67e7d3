// Pulls a list into a file, is interrupted, goes on, and compares the file with what the server knows.
//
// `cargo xtask example node` starts the lead server and runs this; or give the URL of one yourself.
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { walk } from "everypage";
import { jsonlFile } from "everypage/jsonl";

const url = process.argv[2];
if (!url) throw new Error("node pull.mjs URL");
const folder = mkdtempSync(join(tmpdir(), "everypage-example-"));
const file = join(folder, "leads.jsonl");

/** The list, as somebody would write it down who has read the API's documentation. */
const source = {
  name: "leads",
  request: { url: `${url}/offset` },
  records: "/data",
  id: "/id",
  order: { by: "/created_at", direction: "desc", immutable: true },
  size: { write: "query:limit", value: 100, max: 1000 },
  pagination: { style: "offset" },
  total: "body:/total",
};

try {
  // The first pull is interrupted after a while, as by Ctrl-C.
  const interrupt = new AbortController();
  const onProgress = ({ records }) => records >= 2000 && interrupt.abort(new Error("interrupted"));
  const first = walk(source, { signal: interrupt.signal, onProgress });
  await first.into(jsonlFile(file)).catch((error) => console.log(`${error.message}: ${first.report.counts.records} leads are stored`));

  // The second one goes on where the first was.
  const report = await walk(source).into(jsonlFile(file, { resume: true }));
  console.log(`${report.verdict}: ${report.counts.records} leads in ${report.counts.requests} requests, ${report.counts.retries} retries`);
  for (const { name, outcome, note } of report.checks) console.log(`  ${outcome.padEnd(11)} ${name}${note ? `: ${note}` : ""}`);

  const rows = readFileSync(file, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line).id);
  const written = new Set(rows);
  const lived = await (await fetch(`${url}/oracle`)).json();
  const missed = lived.filter((id) => !written.has(id)).length;
  console.log(`${lived.length} leads lived through it all: ${missed} of them missed; ${rows.length - written.size} written twice`);
  if (missed > 0 || rows.length > written.size || report.verdict !== "complete") process.exitCode = 1;
} finally {
  if (existsSync(folder)) rmSync(folder, { recursive: true });
}
