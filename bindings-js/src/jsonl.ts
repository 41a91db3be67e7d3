import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { CheckpointFile, regular, syncFolder } from "./files.js";
import { Lock } from "./lock.js";
import type { Page } from "./page.js";
import type { Opened, Save, Sink, SinkMark, SinkTools, StoredCheckpoint } from "./sink.js";
import type { Verdict } from "./types.js";

/** How much of the end of the file its digest covers. */
const TAIL = 64 << 10;
/** How much is gathered before it is written. */
const BUFFER = 256 << 10;
/** How often what was stored is made durable, in milliseconds. */
const EVERY = 1000;

/** Settings of {@link jsonlFile}. */
export interface JsonlOptions {
  /** Goes on with a file and its checkpoint, and makes both if there is neither [false: a file that exists is refused]. */
  resume?: boolean;
}

/**
 * A file of records, one a line, each the bytes the server sent. With the checkpoint beside it (`FILE.checkpoint`) a
 * walk that was killed goes on without losing or repeating a record, here or with the `everypage` command. A lock
 * keeps other processes out from open to end.
 */
export function jsonlFile(path: string, options: JsonlOptions = {}): Sink {
  return new Jsonl(path, options.resume ?? false);
}

class Jsonl implements Sink {
  readonly class = "appendable";
  readonly place: string;
  readonly checkpointPlace: string;
  #resume: boolean;
  #tools: SinkTools | null = null;
  #checkpoint: CheckpointFile;
  #lock: Lock | null = null;
  #found: SinkMark | null = null;
  #file: FileHandle | null = null;
  #buffer: Uint8Array[] = [];
  #gathered = 0;
  #rows = 0;
  /** Bytes of all rows, those in the buffer included. */
  #bytes = 0;
  /** When the first row came that no checkpoint covers. */
  #since: number | null = null;

  constructor(path: string, resume: boolean) {
    this.place = path;
    this.#resume = resume;
    this.#checkpoint = new CheckpointFile(`${path}.checkpoint`);
    this.checkpointPlace = this.#checkpoint.path;
  }

  async open(tools: SinkTools): Promise<Opened> {
    if (this.#tools !== null) throw tools.error("Storage", `${this.place} was stored into before: make another sink`);
    this.#tools = tools;
    // Before the lock: its file must not be made beside something that is none of ours.
    await regular(this.place, tools);
    this.#lock = await Lock.take(this.place, tools);
    return await this.#look(tools);
  }

  /** Compares what is there with what the checkpoint says, and cuts off what it doesn't cover. */
  async #look(tools: SinkTools): Promise<Opened> {
    const data = await regular(this.place, tools);
    const beside = await regular(this.checkpointPlace, tools);
    if (!this.#resume && (data || beside)) {
      const there = data ? this.place : this.checkpointPlace;
      throw tools.error("Storage", `${there} exists and is not overwritten: resume it, or choose another name`);
    }
    const text = await this.#checkpoint.load(tools);
    if (text === null) {
      if (data) throw this.#mismatch("it has no checkpoint beside it");
      return { checkpoint: null, droppedBytes: 0 };
    }
    const checkpoint = await this.#checkpoint.read(text, tools);
    const { mark } = checkpoint;
    if (mark === null) throw this.#mismatch("the checkpoint beside it was made without it");
    this.#found = mark;
    if (!data) {
      if (mark.bytes === 0) return { checkpoint, droppedBytes: 0 };
      throw this.#mismatch(`it is gone, and its checkpoint covers ${mark.bytes} bytes of it`);
    }
    return await this.#trying("read", async () => {
      const file = await open(this.place, "r+");
      try {
        const { size } = await file.stat();
        if (size < mark.bytes) throw this.#mismatch(`it has ${size} bytes, its checkpoint covers ${mark.bytes}`);
        if ((await this.#digest(file, mark.bytes)) !== mark.digest) {
          throw this.#mismatch("its content is not what its checkpoint was made for");
        }
        if (checkpoint.wantsRows()) await this.#rebuild(checkpoint, mark, file);
        if (size > mark.bytes) {
          await file.truncate(mark.bytes);
          await file.sync();
        }
        return { checkpoint, droppedBytes: size - mark.bytes };
      } finally {
        await file.close();
      }
    });
  }

  /** Reads the keys of the stored rows back. */
  async #rebuild(checkpoint: StoredCheckpoint, mark: SinkMark, file: FileHandle): Promise<void> {
    const part = new Uint8Array(BUFFER);
    for (let at = 0; at < mark.bytes; ) {
      const { bytesRead } = await file.read(part, 0, Math.min(BUFFER, mark.bytes - at), at);
      if (bytesRead === 0) throw this.#mismatch("it became shorter while it was read");
      try {
        checkpoint.feed(part.subarray(0, bytesRead));
      } catch (error) {
        throw this.#mismatch((error as { advice?: string }).advice ?? String(error));
      }
      at += bytesRead;
    }
    const rows = checkpoint.restore();
    if (rows !== mark.rows) throw this.#mismatch(`it has ${rows} rows, its checkpoint covers ${mark.rows}`);
  }

  async begin(save: Save): Promise<void> {
    const tools = this.#tools as SinkTools;
    if (this.#found === null) {
      // A checkpoint of length 0 comes first: a file without one would never be touched again.
      await this.#checkpoint.save(save({ rows: 0, bytes: 0, digest: tools.digest(new Uint8Array(0)) }), tools);
    }
    ({ rows: this.#rows, bytes: this.#bytes } = this.#found ?? { rows: 0, bytes: 0 });
    const there = await regular(this.place, tools);
    await this.#trying("open", async () => {
      this.#file = await open(this.place, there ? "a+" : "ax+");
      await syncFolder(this.place);
    });
  }

  page(page: Page): void | Promise<void> {
    const lines = page.ndjson();
    this.#buffer.push(lines);
    this.#gathered += lines.length;
    this.#rows += page.length;
    this.#bytes += lines.length;
    this.#since ??= performance.now();
    if (this.#gathered >= BUFFER) return this.#trying("write", () => this.#flush());
  }

  due(): number | null {
    return this.#since === null ? null : Math.max(0, this.#since + EVERY - performance.now());
  }

  /** Data to disk, then the checkpoint. After a failure nothing more is written. */
  async commit(save: Save): Promise<void> {
    const file = this.#file as FileHandle;
    const mark = await this.#trying("write", async () => {
      await this.#flush();
      await file.datasync();
      return { rows: this.#rows, bytes: this.#bytes, digest: await this.#digest(file, this.#bytes) };
    });
    await this.#checkpoint.save(save(mark), this.#tools as SinkTools);
    this.#since = null;
  }

  async end(_: Verdict, save: Save): Promise<void> {
    await this.commit(save);
  }

  async close(): Promise<void> {
    const [file, lock] = [this.#file, this.#lock];
    this.#file = this.#lock = null;
    this.#buffer = [];
    try {
      await file?.close();
    } finally {
      // Last: nobody else may come before the file is closed.
      await lock?.release();
    }
  }

  async #flush(): Promise<void> {
    const all = this.#buffer;
    this.#buffer = [];
    this.#gathered = 0;
    let rest = Buffer.concat(all);
    while (rest.length > 0) {
      const { bytesWritten } = await (this.#file as FileHandle).write(rest);
      rest = rest.subarray(bytesWritten);
    }
  }

  /** The digest of the last 64 KiB before `end`. */
  async #digest(file: FileHandle, end: number): Promise<string> {
    const start = Math.max(0, end - TAIL);
    const tail = new Uint8Array(end - start);
    for (let at = 0; at < tail.length; ) {
      const { bytesRead } = await file.read(tail, at, tail.length - at, start + at);
      if (bytesRead === 0) throw new Error("the file became shorter while it was written");
      at += bytesRead;
    }
    return (this.#tools as SinkTools).digest(tail);
  }

  #mismatch(why: string): Error {
    const advice =
      `${this.place} is not the output of this walk: ${why}. Nothing was changed; put the right file back, or start ` +
      "anew under another name";
    return (this.#tools as SinkTools).error("SinkMismatch", advice);
  }

  /** What the system refuses becomes an error that names the file. */
  async #trying<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if ((error as { name?: string }).name === "EverypageError") throw error;
      throw (this.#tools as SinkTools).error("Storage", `can't ${what} ${this.place}: ${(error as Error).message}`, error);
    }
  }
}
