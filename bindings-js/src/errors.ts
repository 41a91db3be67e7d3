import type { Fault, Report, WalkError } from "./types.js";

/** What an {@link EverypageError} is made of. */
export interface Trouble {
  code: string;
  kind: string;
  advice: string;
  faults?: Fault[];
}

/**
 * Everything this package throws by itself. An exception of the caller's own code (its `fetch`, its callbacks, its
 * abort reason) is never wrapped: it comes back as the same object.
 */
export class EverypageError extends Error {
  override name = "EverypageError";
  /** Stable: `EP_RATE_LIMITED`, `EP_INVALID_SOURCE`, `EP_USAGE`, … */
  readonly code: string;
  /** `RateLimited`, `InvalidSource`, `UsageError`, … */
  readonly kind: string;
  /** What happened and what to do, in one sentence. */
  readonly advice: string;
  /** What is wrong with the source, if it is invalid. */
  readonly faults: readonly Fault[];
  /** How the walk ended, if one did. */
  report: Report | null = null;
  /** Where to go on, if there is such a place: the `resume` option of another walk. */
  checkpoint: string | null = null;

  /** @internal */
  constructor(trouble: Trouble, cause?: unknown) {
    super(`${trouble.code}: ${trouble.advice}`, cause === undefined ? undefined : { cause });
    this.code = trouble.code;
    this.kind = trouble.kind;
    this.advice = trouble.advice;
    this.faults = trouble.faults ?? [];
  }

  /** The report's own error: page, attempts, status, `retry_at`, redacted URL. */
  get error(): WalkError | null {
    return this.report?.error ?? null;
  }
}

/** A call that doesn't fit; nothing has changed. @internal */
export function usage(advice: string): EverypageError {
  return new EverypageError({ code: "EP_USAGE", kind: "UsageError", advice });
}

/** Whether the core threw it: an object with a code, or a trap. */
function isTrouble(error: unknown): error is Trouble {
  return typeof error === "object" && error !== null && !(error instanceof Error) && "advice" in error;
}

/** Calls into the core; what it throws becomes an error of this package. @internal */
export function calling<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (isTrouble(error)) throw new EverypageError(error);
    if (error instanceof WebAssembly.RuntimeError) {
      const advice = "the core broke off: please report this as a bug of everypage";
      throw new EverypageError({ code: "EP_INTERNAL", kind: "Internal", advice }, error);
    }
    throw error;
  }
}
