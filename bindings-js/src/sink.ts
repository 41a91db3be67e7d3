import { core } from "./core.js";
import { calling, EverypageError } from "./errors.js";
import type { Page } from "./page.js";
import type { Verdict } from "./types.js";
import type { Checkpoint, Source } from "../generated/core.js";

/** What a sink holds at a checkpoint. */
export interface SinkMark {
  rows: number;
  bytes: number;
  /** {@link SinkTools.digest} of what it chooses to compare. */
  digest: string;
}

/** Gives the text of the checkpoint behind the pages taken so far, with what the sink holds at it. */
export type Save = (mark?: SinkMark) => string;

/** What a sink needs of the core. */
export interface SinkTools {
  /** Reads a checkpoint; throws if it is corrupt or of a newer format. */
  read(text: string): StoredCheckpoint;
  /** The digest of bytes, as in a {@link SinkMark}. */
  digest(bytes: Uint8Array): string;
  /** The error a sink ends a walk with. */
  error(kind: "CheckpointCorrupt" | "CheckpointLocked" | "SinkMismatch" | "Storage", advice: string, cause?: unknown):
    EverypageError;
}

/** A checkpoint that a sink holds. */
export class StoredCheckpoint {
  /** @internal */
  readonly inner: Checkpoint;
  #source: Source;

  /** @internal */
  constructor(text: string, source: Source) {
    this.inner = calling(() => new (core().Checkpoint)(text));
    this.#source = source;
  }

  /** What the sink held at it. */
  get mark(): SinkMark | null {
    return this.inner.mark() as SinkMark | null;
  }

  /** Whether the stored rows must be read back, because their keys were too many to stand in the checkpoint. */
  wantsRows(): boolean {
    return this.inner.wantsRows(this.#source);
  }

  /** Takes the next bytes of the stored rows in; throws at a line that is no row of this walk. */
  feed(bytes: Uint8Array): void {
    calling(() => this.inner.feed(bytes));
  }

  /** All rows are in: how many there were. */
  restore(): number {
    return calling(() => this.inner.restore());
  }
}

/** What a sink held when it was opened. */
export interface Opened {
  /** Where the walk goes on. */
  checkpoint: StoredCheckpoint | null;
  /** Bytes behind the checkpoint, left by a process that died, which were cut off. */
  droppedBytes: number;
}

/**
 * Stores pages and checkpoints together. `into` calls `open` once, `begin` once, then `page` and `commit` as pages
 * come, and `end` once, whatever happened in between. Without `end` nothing downstream may replace anything; without
 * `end("complete")` nothing may delete.
 */
export interface Sink {
  /** What it promises of a record that was stored before a crash. */
  readonly class: "appendable" | "at_least_once" | "idempotent" | "transactional";
  /** Where the records go, for the report. */
  readonly place?: string;
  /** Where the checkpoint is, for the report. */
  readonly checkpointPlace?: string;
  open(tools: SinkTools): Promise<Opened>;
  begin(save: Save): Promise<void>;
  /** Takes a page in. It counts as stored from here on, for this process; for the next one with the next commit. */
  page(page: Page): void | Promise<void>;
  /** In how many milliseconds a commit is due; null if there is nothing to commit. */
  due(): number | null;
  commit(save: Save): Promise<void>;
  end(verdict: Verdict, save: Save): Promise<void>;
  /** Gives up what it holds open, whatever happened before. Called last. */
  close?(): void | Promise<void>;
}

/** @internal */
export function tools(source: Source): SinkTools {
  return {
    read: (text) => new StoredCheckpoint(text, source),
    digest: (bytes) => core().digest(bytes),
    error: (kind, advice, cause) => {
      const code = `EP_${kind.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase()}`;
      return new EverypageError({ code, kind, advice }, cause);
    },
  };
}
