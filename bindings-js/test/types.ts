// What the declarations promise. It is compiled, not run; each `@ts-expect-error` must be one.
import { Budget, EverypageError, walk, type Page, type Report, type SourceDocument, type Walk } from "everypage";
import { checkpointStore } from "everypage/indexeddb";
import { jsonlFile } from "everypage/jsonl";
import { init } from "everypage/slim";

interface Lead {
  id: string;
  email: string;
}

const source: SourceDocument = {
  request: { url: "https://api.example.com/v1/leads" },
  records: "/data",
  id: "/id",
  pagination: { style: "cursor", read: "body:/pagination/next_cursor", write: "query:cursor" },
  end: ["missing", { flag: "body:/pagination/has_more", is: false }],
  rate: [{ requests: 100, per: "60s" }],
};

export async function use(signal: AbortSignal): Promise<void> {
  const leads: Walk<Lead> = walk<Lead>(source, { signal, auth: { bearer: "x" }, budget: new Budget(), numbers: "bigint" });
  for await (const lead of leads) lead.email.toUpperCase();
  for await (const page of leads.pages()) {
    const typed: Page<Lead> = page;
    const records: Lead[] = typed.records;
    const raw: Uint8Array[] = page.raw;
    await page.commit();
    void [records, raw];
  }
  const all: Lead[] = await leads.all({ max: 10 });
  const stream: ReadableStream<Lead> = leads.toReadableStream();
  const bytes: ReadableStream<Uint8Array> = leads.toReadableStream({ as: "ndjson" });
  const report: Report = await leads.into(jsonlFile("leads.jsonl", { resume: true }));
  const verdict: "complete" | "unproven" | "incomplete" | "failed" | "stopped" = report.verdict;
  const text: string | null = leads.checkpoint();
  const store = await checkpointStore();
  await store.save("leads", text ?? "");
  await init(new Uint8Array());
  const unknown: unknown = (await walk(source).all())[0];
  walk("{}", { onProgress: ({ records, waiting }) => void [records.toFixed(), waiting?.why] });
  // @ts-expect-error: a source needs pagination.
  walk({ request: { url: "x" }, records: "" });
  // @ts-expect-error: there is no such style.
  walk({ ...source, pagination: { style: "pages" } });
  // @ts-expect-error: there is no such option.
  walk(source, { retries: 3 });
  // @ts-expect-error: records are of the type that was given.
  all[0]?.name;
  void [stream, bytes, verdict, unknown];
}

export function failed(error: unknown): string | undefined {
  if (error instanceof EverypageError) return `${error.code} ${error.kind} ${error.report?.verdict} ${error.checkpoint}`;
  return undefined;
}
