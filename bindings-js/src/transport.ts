import { core } from "./core.js";
import { type FailureKind, failureOf } from "./failure.js";

/** A request, complete with credentials: exactly these bytes are sent. */
export interface Send {
  ticket: number;
  method: string;
  url: string;
  headers: [name: string, value: string][];
  body: string | null;
  deadline: number;
  body_limit: number;
}

/** An answer with its whole body, or why there is none. */
export type Answer =
  | { status: number; fields: string; chunks: Uint8Array[]; size: number; url: string | undefined; hidden: boolean }
  | { kind: FailureKind; detail: string; cause: unknown };

/** Whether this is a browser: it hides headers, redirects and reasons. */
export const BROWSER = (() => {
  const scope = globalThis as { process?: { versions?: { node?: string } }; navigator?: { userAgent?: string } };
  if (scope.process?.versions?.node !== undefined) return false;
  if (/^(Cloudflare-Workers|Node\.js|Deno|Bun)/.test(scope.navigator?.userAgent ?? "")) return false;
  return "document" in globalThis || "WorkerGlobalScope" in globalThis;
})();

/** The most bytes that all header names and values may have together. */
const HEADER_LIMIT = 64 << 10;
/** How many times its wire size a decoded body may have, once it is larger than the second. */
const [RATIO, RATIO_FROM] = [200, 1 << 20];

function init(send: Send, signal: AbortSignal): RequestInit {
  const base = { method: send.method, body: send.body, redirect: "manual", signal } as const;
  if (BROWSER) {
    // A browser has an option of its own for this; the header would cost a preflight for every page.
    const headers = send.headers.filter(([name, value]) => name !== "cache-control" || value !== "no-store");
    return { ...base, headers, cache: "no-store" };
  }
  const named = send.headers.some(([name]) => name === "user-agent");
  return { ...base, headers: named ? send.headers : [...send.headers, ["user-agent", `everypage/${core().version()}`]] };
}

/**
 * Performs one request, under limits, and follows no redirect. `touch` hears that something arrived. An exception
 * that is not the network's is the caller's own and is thrown on.
 */
export async function exchange(
  fetch: typeof globalThis.fetch,
  send: Send,
  signal: AbortSignal,
  touch: () => void,
): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(send.url, init(send, signal));
  } catch (cause) {
    const failure = failureOf(cause, "head", BROWSER);
    if (failure === null) throw cause;
    return { ...failure, cause };
  }
  touch();
  if (response.type === "opaqueredirect") {
    // Where it leads is hidden, and so is its status: what stands here is a redirect without a place to go.
    return { status: 307, fields: "", chunks: [], size: 0, url: undefined, hidden: true };
  }
  const tooLarge = (detail: string): Answer => {
    response.body?.cancel().catch(() => {});
    return { kind: "too_large", detail, cause: undefined };
  };
  let fields = "";
  for (const [name, value] of response.headers) fields += `${name}: ${value}\n`;
  if (fields.length > HEADER_LIMIT) return tooLarge("the response headers are larger than 64 KiB");
  const head = {
    status: response.status,
    fields,
    url: response.url || undefined,
    hidden: BROWSER && response.type === "cors",
  };
  if (response.status >= 300 && response.status < 400) {
    // What a redirect has to say is in its headers.
    response.body?.cancel().catch(() => {});
    return { ...head, chunks: [], size: 0 };
  }
  const announced = Number(response.headers.get("content-length") ?? Number.NaN);
  const encoded = response.headers.has("content-encoding");
  if (!encoded && announced > send.body_limit && send.method !== "HEAD") {
    return tooLarge("the body's Content-Length is over the limit");
  }
  const limit = encoded ? Math.min(send.body_limit, Math.max(announced * RATIO || Infinity, RATIO_FROM)) : send.body_limit;
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    const reader = response.body?.getReader();
    for (;;) {
      const part = await reader?.read();
      if (part === undefined || part.done) break;
      touch();
      size += part.value.byteLength;
      if (size > limit) {
        reader?.cancel().catch(() => {});
        return { kind: "too_large", detail: "the body is larger than the limit", cause: undefined };
      }
      chunks.push(part.value);
    }
  } catch (cause) {
    return { ...(failureOf(cause, "body", BROWSER) as { kind: FailureKind; detail: string }), cause };
  }
  return { ...head, chunks, size };
}
