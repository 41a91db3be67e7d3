// One walk into a file; prints its report. `node walk.mjs SOURCE.json BASE FILE.jsonl`
import { readFileSync } from "node:fs";
import { walk } from "everypage";
import { jsonlFile } from "everypage/jsonl";

const [source, base, file] = process.argv.slice(2);
const report = await walk(readFileSync(source, "utf8"), { vars: { BASE: base } }).into(jsonlFile(file));
console.log(JSON.stringify(report));
