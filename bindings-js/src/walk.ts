import { Budget } from "./budget.js";
import { clock as systemClock } from "./clock.js";
import { core } from "./core.js";
import { Driver, type Settings } from "./driver.js";
import { calling, EverypageError, usage } from "./errors.js";
import { Page, type Numbers } from "./page.js";
import { type Save, type Sink, StoredCheckpoint, tools } from "./sink.js";
import { turns } from "./turns.js";
import type { Alarm, Auth, Clock, Progress, Report, SourceDocument, WalkError } from "./types.js";
import type { Checkpoint } from "../generated/core.js";

/** What a walk can be told besides its source. */
export interface Options {
  /** Where to go on: the text of a checkpoint. */
  resume?: string | null;
  /** Ends the walk; what is waiting rejects with `signal.reason`, and the checkpoint is there. */
  signal?: AbortSignal;
  /** Carries the requests [the platform's]. It must send them as they are and follow no redirect. */
  fetch?: typeof globalThis.fetch;
  /** Credentials; they replace the source's `auth`. */
  auth?: Auth;
  /** Fresh credentials after a 401, asked for once per generation; null: there are none. */
  authorize?: (generation: number) => Auth | null | Promise<Auth | null>;
  /** Values for `{NAME}` in the source. */
  vars?: Record<string, string>;
  /** Values for `${NAME}` under the source's `auth` [`process.env`, where there is one]. */
  env?: (name: string) => string | undefined;
  /** Whether `unproven` and `incomplete` are errors [false]. */
  strict?: boolean;
  /** Rate limits shared with other walks [one of its own]. */
  budget?: Budget;
  /** Hears of every change. */
  onProgress?: (progress: Progress) => void;
  /** What becomes of whole numbers beyond 2^53 [`"number"`: as `JSON.parse` has it, with one warning]. */
  numbers?: Numbers;
  /** Records are the bytes the server sent, not objects [false]. */
  raw?: boolean;
  /** `"deliver"`: a record that comes again with other bytes is handed out again [`"count"`]. */
  revisions?: "count" | "deliver";
  /** How long a server may be silent, in milliseconds [30000]. */
  idleTimeout?: number;
  /** Where chance comes from [the platform]. */
  seed?: number | bigint;
  /** Another clock. */
  clock?: Clock;
}

const known = new Set([
  "resume", "signal", "fetch", "auth", "authorize", "vars", "env", "strict", "budget", "onProgress", "numbers", "raw",
  "revisions", "idleTimeout", "seed", "clock",
]);

function environment(name: string): string | undefined {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env?.[name];
}

function wrong(field: string, found: unknown, expected: string): EverypageError {
  const faults = [{ field, found: typeof found, expected }];
  const advice = `invalid options: \`${field}\`: found ${typeof found}, expected ${expected}`;
  return new EverypageError({ code: "EP_INVALID_SOURCE", kind: "InvalidSource", advice, faults });
}

/** JSON text of a part of the source; what JSON can't hold is named. */
function json(field: string, value: unknown, expected: string): string {
  try {
    const text = JSON.stringify(value);
    if (typeof text === "string") return text;
  } catch {
    // A circle or a bigint.
  }
  throw wrong(field, value, expected);
}

function settings(document: SourceDocument | string, options: Options): Settings {
  for (const name of Object.keys(options)) {
    if (!known.has(name)) throw wrong(name, (options as Record<string, unknown>)[name], "no such option");
  }
  const functions = ["fetch", "authorize", "env", "onProgress"] as const;
  for (const name of functions) {
    if (options[name] !== undefined && typeof options[name] !== "function") throw wrong(name, options[name], "a function");
  }
  const { numbers = "number", idleTimeout = 30_000, seed } = options;
  if (!["number", "string", "bigint"].includes(numbers)) throw wrong("numbers", numbers, '"number", "string" or "bigint"');
  if (!(idleTimeout > 0)) throw wrong("idleTimeout", idleTimeout, "milliseconds above 0");
  const text = typeof document === "string" ? document : json("source", document, "an object that JSON can hold");
  const vars = json("vars", options.vars ?? {}, "an object whose values are texts");
  const auth = options.auth === undefined ? undefined : json("auth", options.auth, "an object of credentials");
  return {
    source: calling(() => new (core().Source)(text, vars, auth, options.env ?? environment)),
    budget: options.budget ?? new Budget(),
    clock: options.clock ?? systemClock,
    fetch: options.fetch ?? ((...request) => globalThis.fetch(...request)),
    seed: seed === undefined ? (crypto.getRandomValues(new BigUint64Array(1))[0] as bigint) : BigInt.asUintN(64, BigInt(seed)),
    idle: idleTimeout,
    revisions: options.revisions === "deliver",
    authorize: options.authorize ?? null,
    onProgress: options.onProgress ?? null,
  };
}

/** What is left of a walk that is over. */
interface Over {
  report: Report | null;
  checkpoint: string | null;
  progress: Progress;
}

const nothing: Progress = { pages: 0, requests: 0, records: 0, total: null, in_flight: 0, waiting: null };

/**
 * One traversal of a list. Iterate over it for its records, over {@link Walk.pages} for its pages, or store it with
 * {@link Walk.into}; once. Nothing is sent before the first record or page is asked for.
 */
export class Walk<T = unknown> implements AsyncIterable<T>, AsyncDisposable {
  #settings: Settings;
  #options: Options;
  #driver: Driver | null = null;
  #over: Over | null = null;
  #taken = false;
  /** The page that was handed out and is not acknowledged yet. */
  #out: number | null = null;
  #warned = false;
  #unlisten: (() => void) | null = null;

  /** @internal */
  constructor(document: SourceDocument | string, options: Options) {
    this.#settings = settings(document, options);
    this.#options = options;
  }

  /** How the walk ended; null while it runs. */
  get report(): Report | null {
    return this.#over?.report ?? null;
  }

  /** Where it stands. */
  get progress(): Progress {
    return this.#over?.progress ?? this.#driver?.progress() ?? { ...nothing };
  }

  /**
   * Where to go on: what was acknowledged, and nothing else. The `resume` option of another walk, here or in any other
   * language. Null before anything was asked for.
   */
  checkpoint(): string | null {
    if (this.#over !== null) return this.#over.checkpoint;
    return this.#driver?.machine.checkpoint() ?? this.#options.resume ?? null;
  }

  /** The records. A page is acknowledged when the first record after it is asked for. */
  [Symbol.asyncIterator](): AsyncIterableIterator<T, undefined> {
    this.#take();
    let records: T[] = [];
    let at = 0;
    const ready = () => (at < records.length ? { done: false as const, value: records[at++] as T } : null);
    const pull = async (): Promise<IteratorResult<T, undefined>> => {
      for (;;) {
        const record = ready();
        if (record !== null) return record;
        const page = await this.#advance();
        if (page === null) return { done: true, value: undefined };
        [records, at] = [this.#records(page), 0];
      }
    };
    return turns(ready, pull, () => this.stop());
  }

  /** The pages. One is acknowledged when the next is asked for, or by its own `commit`. */
  pages(): AsyncIterableIterator<Page<T>, undefined> {
    this.#take();
    const pull = async (): Promise<IteratorResult<Page<T>, undefined>> => {
      const page = await this.#advance();
      return page === null ? { done: true, value: undefined } : { done: false, value: page };
    };
    return turns<Page<T>>(() => null, pull, () => this.stop());
  }

  /** At most `max` records. If there are more, the walk is stopped there, and its report says so. */
  async all({ max = Number.POSITIVE_INFINITY }: { max?: number } = {}): Promise<T[]> {
    this.#take();
    const found: T[] = [];
    for (let page = await this.#advance(); page !== null; page = await this.#advance()) {
      const records = this.#records(page);
      const room = max - found.length;
      for (const record of records.length > room ? records.slice(0, room) : records) found.push(record);
      if (records.length > room) {
        this.stop();
        break;
      }
    }
    return found;
  }

  /** The records as a stream of the platform: objects, or with `as: "ndjson"` bytes, a page at a time. */
  toReadableStream(): ReadableStream<T>;
  toReadableStream(options: { as: "ndjson" }): ReadableStream<Uint8Array<ArrayBuffer>>;
  toReadableStream({ as }: { as?: "ndjson" } = {}): ReadableStream<T | Uint8Array> {
    const items: AsyncIterator<T | Page<T>> = as === "ndjson" ? this.pages() : this[Symbol.asyncIterator]();
    return new ReadableStream<T | Uint8Array>(
      {
        async pull(stream) {
          const item = await items.next();
          if (item.done) stream.close();
          else stream.enqueue(item.value instanceof Page ? item.value.ndjson() : item.value);
        },
        async cancel() {
          await items.return?.();
        },
      },
      // Nothing is asked for before somebody reads.
      { highWaterMark: 0 },
    );
  }

  /**
   * Walks to the end and stores what comes. The walk goes on where the sink's checkpoint stands, if it holds one. A
   * page is acknowledged when the sink has taken it.
   */
  async into(sink: Sink): Promise<Report> {
    this.#take();
    try {
      const opened = await sink.open(tools(this.#settings.source));
      await this.#store(sink, opened.checkpoint);
    } catch (error) {
      if (error instanceof EverypageError) this.#mark(error);
      throw error;
    } finally {
      const report = this.#over?.report;
      if (report) {
        report.sink = { class: sink.class, path: sink.place ?? null };
        report.checkpoint = sink.checkpointPlace ?? null;
      }
      await sink.close?.();
    }
    return this.#over?.report as unknown as Report;
  }

  /** Ends the walk as `stopped`: iteration ends, and the checkpoint is there. */
  stop(): void {
    if (this.#over !== null) return;
    this.#out = null;
    this.#begin(null).stop();
    this.#finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stop();
  }

  #take(): void {
    if (this.#taken) throw usage("a walk is used once; start a new one or resume from its checkpoint");
    this.#taken = true;
  }

  #begin(from: StoredCheckpoint | null): Driver {
    if (this.#driver !== null) return this.#driver;
    const { resume, signal } = this.#options;
    const stored = from?.inner ?? (resume ? calling(() => new (core().Checkpoint)(resume)) : undefined);
    const driver = new Driver(this.#settings, stored as Checkpoint | undefined);
    this.#driver = driver;
    if (signal !== undefined) {
      const abort = () => {
        // The page in hand is dropped with all the others.
        this.#out = null;
        driver.stop();
      };
      signal.addEventListener("abort", abort, { once: true });
      this.#unlisten = () => signal.removeEventListener("abort", abort);
      if (signal.aborted) abort();
    }
    return driver;
  }

  /** The next page. Asking acknowledges the one before. */
  async #next(): Promise<Page<T> | null> {
    const driver = this.#begin(null);
    this.#commit();
    const delivered = await driver.next();
    this.#options.signal?.throwIfAborted();
    if (delivered === null || this.#over !== null) return null;
    this.#out = delivered.page;
    if (delivered.long) this.#warn();
    return new Page<T>(delivered, this.#options.numbers ?? "number", () => this.#commit(delivered.page));
  }

  /** The next page; after the last the walk is over. */
  async #advance(): Promise<Page<T> | null> {
    if (this.#over !== null) return null;
    try {
      const page = await this.#next();
      if (page !== null) return page;
    } catch (error) {
      this.#finish();
      throw error;
    }
    this.#conclude();
    return null;
  }

  /** The walk is over; throws the error its ending stands for. */
  #conclude(): void {
    if (this.#over !== null || this.#driver === null) return;
    const error = this.#driver.machine.error(this.#options.strict ?? false) as WalkError | null;
    const { cause } = this.#driver;
    this.#finish();
    if (error !== null) throw this.#mark(new EverypageError(error, cause));
  }

  #commit(page = this.#out): void {
    if (this.#out === null || this.#out !== page) return;
    this.#out = null;
    this.#driver?.acknowledge(page);
  }

  /** Keeps what is asked for afterwards, and gives everything else back. */
  #finish(): void {
    if (this.#over !== null) return;
    const driver = this.#driver;
    this.#unlisten?.();
    this.#over = {
      report: driver?.report ?? null,
      checkpoint: driver?.machine.checkpoint() ?? this.#options.resume ?? null,
      progress: driver?.progress() ?? { ...nothing },
    };
    driver?.close();
  }

  #mark(error: EverypageError): EverypageError {
    error.report = this.#over?.report ?? null;
    error.checkpoint = this.#over?.checkpoint ?? null;
    return error;
  }

  #records(page: Page<T>): T[] {
    return this.#options.raw ? (page.raw as unknown[] as T[]) : page.records;
  }

  #warn(): void {
    if (this.#warned || this.#options.raw || (this.#options.numbers ?? "number") !== "number") return;
    this.#warned = true;
    const text =
      `everypage: records of ${this.#settings.source.name} hold whole numbers beyond 2^53, which JavaScript numbers ` +
      'round. They were told apart all the same; use `numbers: "bigint"`, `numbers: "string"` or `raw` to see them whole.';
    const { process } = globalThis as { process?: { emitWarning?: (text: string, options: object) => void } };
    if (process?.emitWarning) process.emitWarning(text, { code: "EP_PRECISION" });
    else console.warn(text);
  }

  async #store(sink: Sink, from: StoredCheckpoint | null): Promise<void> {
    const driver = this.#begin(from);
    const save: Save = (mark) => driver.machine.checkpoint(mark?.rows, mark?.bytes, mark?.digest);
    let failed = false;
    // What the sink throws ends the walk, so that it has a report that says so.
    const storing = async <R>(work: () => R | Promise<R>): Promise<R> => {
      try {
        return await work();
      } catch (error) {
        failed = true;
        this.#out = null;
        const known = error instanceof EverypageError;
        driver.fail(known ? error.kind : "Storage", known ? error.advice : "the sink has failed");
        throw error;
      }
    };
    try {
      await storing(() => sink.begin(save));
      try {
        await this.#fill(sink, save, storing);
      } finally {
        // A sink that has failed is not asked again.
        if (!failed) {
          if (driver.report === null) driver.stop();
          const verdict = driver.report?.verdict ?? "failed";
          await storing(() => sink.end(verdict, save));
        }
      }
      this.#conclude();
    } finally {
      this.#finish();
    }
  }

  /** Feeds the sink to the end of the walk. */
  async #fill(sink: Sink, save: Save, storing: <R>(work: () => R | Promise<R>) => Promise<R>): Promise<void> {
    const { clock } = this.#settings;
    let alarm: Alarm | null = null;
    let ring: Promise<"due"> | null = null;
    try {
      let next = this.#next();
      for (;;) {
        const due = sink.due();
        if (due !== null && due <= 0) {
          await storing(() => sink.commit(save));
          continue;
        }
        // While nothing comes, for a rate limit say, what has come is made durable. One alarm a commit is enough.
        if (due !== null && ring === null) {
          ring = new Promise((wake) => {
            alarm = clock.alarm(due, () => {
              alarm = ring = null;
              wake("due");
            });
          });
        }
        const page = ring === null ? await next : await Promise.race([next, ring]);
        if (page === "due") continue;
        if (page === null) return;
        await storing(() => sink.page(page));
        this.#commit();
        next = this.#next();
      }
    } finally {
      (alarm as Alarm | null)?.cancel();
    }
  }
}

/** A walk over this list. What is wrong with the source or an option is thrown at once, all of it. */
export function walk<T = unknown>(source: SourceDocument | string, options: Options = {}): Walk<T> {
  return new Walk<T>(source, options);
}
