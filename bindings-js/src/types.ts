export type { Auth, SourceDocument } from "../generated/source.js";

/** How sure a walk is that its list is whole. */
export type Verdict = "complete" | "unproven" | "incomplete" | "failed" | "stopped";

/** One piece of evidence. */
export interface Check {
  name:
    | "end_signal" | "total" | "seams" | "order" | "page_size" | "duplicates" | "gaps" | "cap" | "contradiction"
    | "incomplete_flag" | "headers_visible";
  outcome: "passed" | "failed" | "unavailable";
  expected: number | null;
  found: number | null;
  /** A sentence on it, and which field of the source would supply what is missing. */
  note: string | null;
}

/** What ended a walk that failed. */
export interface WalkError {
  /** Its kind, such as `RateLimited`. */
  kind: string;
  /** The stable code of the kind, such as `EP_RATE_LIMITED`. */
  code: string;
  /** What happened and what to do, in one sentence. */
  advice: string;
  page: number | null;
  attempts: number | null;
  status: number | null;
  /** When the server will answer again, if it said so: milliseconds since 1970. */
  retry_at: number | null;
  /** Origin and path of the request. */
  url: string | null;
}

/** How a walk ended, how sure that is, and the evidence. The same document in every language. */
export interface Report {
  version: string;
  source: string;
  /** Identifies the walk over all its resumptions. */
  generation: string;
  verdict: Verdict;
  /** How completeness is known, if it is. */
  basis: "observed" | "contract" | null;
  end: { page: number; signal: string; locator: string | null; value: unknown } | null;
  checks: Check[];
  counts: {
    pages: number; requests: number; retries: number; records: number; duplicates: number; revisions: number;
    dropped: number; bytes: number;
  };
  total: { kind: string | null; first: number | null; last: number | null };
  drift: { events: number; repaired: number; open: number };
  waits_ms: { backoff: number; pace: number; retry_after: number };
  /** The values the source captures, by name. */
  capture: Record<string, unknown>;
  error: WalkError | null;
  sink: { class: string; path: string | null } | null;
  /** The checkpoint's place, if there is one. */
  checkpoint: string | null;
  /** When the walk started: RFC 3339. */
  started: string | null;
  elapsed_ms: number;
}

/** Where a walk stands. */
export interface Progress {
  /** Accepted pages. */
  pages: number;
  /** Requests sent. */
  requests: number;
  /** Records handed out and acknowledged. */
  records: number;
  /** The server's total, if it states one. */
  total: number | null;
  /** Requests on the wire. */
  in_flight: number;
  /** What it waits for, and for how many milliseconds yet. */
  waiting: { why: "backoff" | "pace" | "retry_after"; ms: number } | null;
}

/** One thing wrong with a source. */
export interface Fault {
  /** The field, as a path: `pagination.write`. */
  field: string;
  found: string;
  expected: string;
}

/** A clock and its alarms; a test brings its own. */
export interface Clock {
  /** Monotonic milliseconds from any zero, and milliseconds since 1970 where that is known. */
  now(): { tick: number; unix?: number };
  /** Calls `wake` after so many milliseconds, at most 2^31 - 1; gives what cancels it. */
  alarm(ms: number, wake: () => void): Alarm;
}

/** An alarm that was set. */
export interface Alarm {
  cancel(): void;
  /** Whether a process must stay alive for it. */
  hold(alive: boolean): void;
}
