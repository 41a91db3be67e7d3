// One row of the peer benchmark, as the Rust example `bench`: walks its synthetic list with the npm package and prints
// one JSON line of figures. Flags: `--url U --style S --mode count|dedup|ids --limit N --out FILE [--impl objects|raw|sink]
// [--concurrency N] [--plain yes] [--contact yes]`.
import { openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { pathToFileURL } from "node:url";

const args = { style: "offset", mode: "count", limit: "100", out: "/dev/null", impl: "objects", concurrency: "1" };
for (let at = 2; at < process.argv.length; at += 2) args[process.argv[at].slice(2)] = process.argv[at + 1];
const { walk } = await import(pathToFileURL(`${args.package}/dist/index.js`));

const paging = {
  offset: ["limit", { style: "offset" }, { total: "body:/total" }],
  page: ["pageSize", { style: "page" }, { end: [{ flag: "body:/pagination/hasNextPage", is: false }], total: "body:/pagination/total" }],
  cursor: ["limit", { style: "cursor", read: "body:/pagination/next_cursor", write: "query:cursor", stable: "key" }, {}],
  link: ["per_page", { style: "link", read: "link:next" }, {}],
  keyset: ["limit", { style: "keyset", read: "last:/id", write: "query:after_id" }, { end: [{ flag: "body:/has_more", is: false }] }],
};
const [size, pagination, more] = paging[args.style];
// Counting needs no id; with one, repeated records are suppressed and pages overlap.
const identified = args.mode !== "count" || args.contact ? { id: "/id", order: { by: "/id", direction: "desc", immutable: true } } : {};
const source = {
  request: { url: `${args.url.replace(/\/$/, "")}/${args.style}` },
  records: args.style === "link" ? "" : "/data",
  ...identified,
  ...more,
  size: { write: `query:${size}`, value: Number(args.limit) },
  pagination: { ...pagination, contact: args.plain ? "off" : "auto" },
  concurrency: Number(args.concurrency),
};

const status = (key) => Number(readFileSync("/proc/self/status", "utf8").match(new RegExp(`^${key}:\\s+(\\d+)`, "m"))[1]);
const cpu = () => {
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  return (userCPUTime + systemCPUTime) / 1e6;
};
const out = openSync(args.out, "w");

async function run() {
  if (args.impl === "sink") {
    const { jsonlFile } = await import(pathToFileURL(`${args.package}/dist/jsonl.js`));
    const file = `${args.out}.${process.pid}.jsonl`;
    const report = await walk(source).into(jsonlFile(file));
    for (const ending of ["", ".checkpoint", ".checkpoint.previous"]) rmSync(file + ending, { force: true });
    return report.counts.records;
  }
  let records = 0;
  for await (const page of walk(source).pages()) {
    // Objects are made even where they are only counted: that is what this row measures.
    records += args.impl === "raw" ? page.length : page.records.length;
    if (args.mode === "dedup") {
      if (args.impl === "raw") writeSync(out, page.ndjson());
      else writeSync(out, page.records.map((record) => `${JSON.stringify(record)}\n`).join(""));
    } else if (args.mode === "ids") writeSync(out, page.records.map((record) => `${record.id}\n`).join(""));
  }
  return records;
}

const [began, start, rss] = [cpu(), performance.now(), status("VmRSS")];
const records = await run();
const figures = { records, unique: args.mode === "dedup" ? records : 0, wall: (performance.now() - start) / 1e3 };
console.log(JSON.stringify({ ...figures, cpu: cpu() - began, cpu_start: began, rss_start_kib: rss, rss_peak_kib: status("VmHWM") }));
process.exit(0);
