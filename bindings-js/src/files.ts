import { copyFile, link, lstat, open, readFile, rename, rm, stat } from "node:fs/promises";
import { constants } from "node:fs";
import { dirname } from "node:path";
import type { SinkTools, StoredCheckpoint } from "./sink.js";

/** No checkpoint is larger; what is, is not one. */
const LARGEST = 64 << 20;

const isCode = (error: unknown, code: string) => (error as { code?: string }).code === code;

/** Refuses whatever stands there if it is no ordinary file. True if there is a file, false if there is nothing. */
export async function regular(path: string, tools: SinkTools): Promise<boolean> {
  const refused = (what: string) => tools.error("Storage", `${path} is ${what}; give the name of an ordinary file`);
  try {
    const found = await lstat(path);
    if (found.isFile()) return true;
    throw refused(found.isDirectory() ? "a directory" : found.isSymbolicLink() ? "a symbolic link" : "a pipe or a device");
  } catch (error) {
    if (isCode(error, "ENOENT")) {
      const folder = await stat(dirname(path)).catch(() => null);
      if (folder?.isDirectory()) return false;
      throw tools.error("Storage", `${path} can't be made: its folder does not exist`);
    }
    if ((error as { name?: string }).name === "EverypageError") throw error;
    throw tools.error("Storage", `can't look at ${path}: ${(error as Error).message}`, error);
  }
}

/** Makes a rename or a new name durable. */
export async function syncFolder(path: string): Promise<void> {
  // Windows has no such call, and its renames need none.
  if (process.platform === "win32") return;
  const folder = await open(dirname(path), "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** A checkpoint in a file: replaced whole or not at all, readable by its owner only, the one before kept beside it. */
export class CheckpointFile {
  readonly path: string;
  readonly #previous: string;

  constructor(path: string) {
    this.path = path;
    this.#previous = `${path}.previous`;
  }

  /** Its text; null if there is none. */
  async load(tools: SinkTools): Promise<string | null> {
    try {
      if ((await stat(this.path)).size > LARGEST) throw this.#refused("it is larger than 64 MiB", tools);
      const bytes = await readFile(this.path);
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch (error) {
      if (isCode(error, "ENOENT")) return null;
      if (error instanceof TypeError) throw this.#refused("it is not UTF-8", tools);
      if ((error as { name?: string }).name === "EverypageError") throw error;
      throw tools.error("Storage", `can't read the checkpoint ${this.path}: ${(error as Error).message}`, error);
    }
  }

  /** What the text says. A damaged one is an error, never silently replaced by the one before. */
  async read(text: string, tools: SinkTools): Promise<StoredCheckpoint> {
    try {
      return tools.read(text);
    } catch (error) {
      const { kind, advice } = error as { kind?: string; advice?: string };
      const kept = await stat(this.#previous).catch(() => null);
      const why = `the checkpoint ${this.path} can't be used: ${advice}`;
      if (kind !== "CheckpointCorrupt") throw error;
      const previous = `; the one before it is kept: to go on from there, copy this file over it: ${this.#previous}`;
      throw tools.error("CheckpointCorrupt", kept === null ? why : why + previous);
    }
  }

  /** Writes it: to a new file, to disk, then over the old one. */
  async save(text: string, tools: SinkTools): Promise<void> {
    await regular(this.path, tools);
    try {
      await this.#keep();
      const temporary = `${this.path}.tmp`;
      await rm(temporary, { force: true });
      const { O_CREAT, O_EXCL, O_WRONLY } = constants;
      const file = await open(temporary, O_CREAT | O_EXCL | O_WRONLY, 0o600);
      try {
        await file.writeFile(text);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(temporary, this.path);
      await syncFolder(this.path);
    } catch (error) {
      throw tools.error("Storage", `can't write the checkpoint ${this.path}: ${(error as Error).message}`, error);
    }
  }

  /** Keeps the one that is there under its other name, without a moment at which it is not there. */
  async #keep(): Promise<void> {
    const temporary = `${this.#previous}.tmp`;
    await rm(temporary, { force: true });
    try {
      await link(this.path, temporary);
    } catch (error) {
      if (isCode(error, "ENOENT")) return;
      // File systems without links: a copy does as well, it only costs a little more.
      await copyFile(this.path, temporary, constants.COPYFILE_EXCL);
    }
    await rename(temporary, this.#previous);
  }

  #refused(why: string, tools: SinkTools): Error {
    return tools.error("CheckpointCorrupt", `the checkpoint ${this.path} can't be used: ${why}`);
  }
}
