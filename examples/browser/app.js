// Pulls the lead server's list into the page: rows, progress, waits and the verdict, live. The checkpoint is kept in
// IndexedDB, so that a walk that was stopped, or whose page was closed, goes on.
import { walk } from "everypage";
import { checkpointStore } from "everypage/indexeddb";

const url = new URLSearchParams(location.search).get("server");
const by = (id) => document.getElementById(id);
const store = await checkpointStore("everypage-example");
const NAME = `leads of ${url}`;
const WORDS = { pace: "the rate limit", backoff: "another try", retry_after: "the server" };
let leads = null;

const source = {
  name: "leads",
  request: { url: `${url}/offset` },
  records: "/data",
  id: "/id",
  order: { by: "/created_at", direction: "desc", immutable: true },
  size: { write: "query:limit", value: 100, max: 1000 },
  pagination: { style: "offset" },
  total: "body:/total",
  rate: [{ requests: 20, per: "1s" }],
};

function onProgress({ pages, requests, records, total, waiting }) {
  by("pages").textContent = pages;
  by("requests").textContent = requests;
  by("records").textContent = records.toLocaleString("en");
  by("waiting").textContent = waiting ? WORDS[waiting.why] : "–";
  if (total) by("bar").value = records / total;
}

function show(records) {
  const rows = records.slice(-8).map((lead) => {
    const row = document.createElement("tr");
    for (const text of [lead.email, lead.company?.name ?? "", lead.score ?? ""]) row.insertCell().textContent = text;
    return row;
  });
  by("rows").replaceChildren(...rows);
}

function conclude(report) {
  const { verdict, error, counts } = report;
  by("verdict").dataset.verdict = verdict;
  by("verdict").textContent = error ? `${verdict}: ${error.advice}` : `${verdict}: ${counts.records.toLocaleString("en")} leads`;
  by("checks").replaceChildren(
    ...report.checks.map(({ name, outcome }) => {
      const item = document.createElement("li");
      item.textContent = `${outcome === "passed" ? "✓" : outcome === "failed" ? "✗" : "·"} ${name.replaceAll("_", " ")}`;
      return item;
    }),
  );
}

async function pull(resume) {
  [by("start").disabled, by("resume").disabled, by("stop").disabled] = [true, true, false];
  by("verdict").textContent = "";
  by("checks").replaceChildren();
  leads = walk(source, { resume, onProgress });
  try {
    for await (const page of leads.pages()) {
      show(page.records);
      await page.commit();
      await store.save(NAME, leads.checkpoint());
    }
  } catch {
    // What went wrong is in the report.
  }
  conclude(leads.report);
  [by("start").disabled, by("stop").disabled] = [false, true];
  by("resume").disabled = leads.report.verdict === "complete";
}

by("start").onclick = () => pull(null);
by("resume").onclick = async () => pull(await store.load(NAME));
by("stop").onclick = () => leads.stop();
by("resume").disabled = (await store.load(NAME)) === null;
document.body.dataset.ready = "yes";
