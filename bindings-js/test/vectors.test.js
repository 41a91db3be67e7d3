// Every transcript under tests/vectors, replayed against the module that is shipped.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, test } from "node:test";
import * as core from "../generated/core.js";
import { replay, written } from "./replay.js";
import { vectorsFolder } from "./support.js";

core.initSync({ module: readFileSync(new URL("../dist/everypage.wasm", import.meta.url)) });

const read = (name) => readFileSync(new URL(name, vectorsFolder), "utf8");
let replayed = 0;

for (const name of readdirSync(vectorsFolder).filter((name) => name.endsWith(".json"))) {
  test(name.replace(/\.json$/, ""), () => {
    replay(core, JSON.parse(read(name)));
    replayed++;
  });
}

after(() => {
  const expected = written(read("README.md"));
  console.log(`${replayed} of ${expected} vectors replayed in Node`);
  assert.equal(replayed, expected);
});

test("a transcript that is wrong by a millisecond is noticed", () => {
  const text = read("retry_after_seconds.json");
  const vector = JSON.parse(text);
  const sleep = vector.steps.find((step) => "sleep" in step);
  sleep.sleep.until += 1;
  assert.throws(() => replay(core, vector), /retry_after_seconds: step \d+ \(tick \d+\)/);
});
