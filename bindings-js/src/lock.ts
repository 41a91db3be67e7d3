import { spawnSync } from "node:child_process";
import { closeSync, constants, fstatSync, lstatSync, openSync, unlinkSync } from "node:fs";
import type { SinkTools } from "./sink.js";
import { regular } from "./files.js";

/** libuv's flag for a file that nobody else may open. */
const WINDOWS_ALONE = 0x10000000;
/** The BSDs' and macOS's flag for a file that is locked as it is opened. */
const BSD_LOCKED = 0x20;

/**
 * Programs that lock the file they are given as descriptor 3: 0 when it is theirs, 1 when somebody else has it. Node
 * has no call for it, but the lock belongs to the open file and not to the process that asked for it: it stays after
 * the helper has gone, and dies with us, however we die.
 */
const HELPERS: [string, ...string[]][] = [
  ["flock", "-n", "3"],
  ["perl", "-e", 'use Fcntl ":flock"; open(my $f, ">&=", 3) or exit 2; exit(flock($f, LOCK_EX | LOCK_NB) ? 0 : 1)'],
  ["python3", "-c", "import fcntl,sys\ntry: fcntl.flock(3, fcntl.LOCK_EX | fcntl.LOCK_NB)\nexcept BlockingIOError: sys.exit(1)"],
];

/** One writer at a time: the same lock as the `everypage` command takes, on `FILE.lock`. */
export class Lock {
  #path: string;
  #file: number;

  private constructor(path: string, file: number) {
    this.#path = path;
    this.#file = file;
  }

  /** Takes the lock of this output, or says that somebody else has it. */
  static async take(output: string, tools: SinkTools): Promise<Lock> {
    const path = `${output}.lock`;
    // The holder before may remove the file between our opening and our locking it: then ours is the lock of a file
    // that nobody will ever find again, and we try anew.
    for (let tries = 0; tries < 100; tries++) {
      await regular(path, tools);
      const file = openLocked(path);
      if (file === null) {
        const advice = `another process is writing to ${output}: wait for it, or stop it`;
        throw tools.error("CheckpointLocked", advice);
      }
      if (typeof file === "string") throw tools.error("Storage", `can't lock ${output}: ${file}`);
      if (isAt(file, path)) return new Lock(path, file);
      closeSync(file);
    }
    throw tools.error("Storage", `can't lock ${output}: the lock file keeps vanishing`);
  }

  async release(): Promise<void> {
    try {
      // Elsewhere there is no way to tell whether a file is the one at a path, so the file stays.
      if (process.platform !== "win32") unlinkSync(this.#path);
    } catch {
      // A lock file that stays behind is harmless.
    }
    closeSync(this.#file);
  }
}

/** The locked file; null if somebody else has it; a text if it can't be locked. */
function openLocked(path: string): number | null | string {
  const flags = constants.O_RDWR | constants.O_CREAT;
  const own = process.platform === "win32" ? WINDOWS_ALONE : process.platform === "linux" ? 0 : BSD_LOCKED;
  let file: number;
  try {
    file = openSync(path, flags | own | (own === BSD_LOCKED ? constants.O_NONBLOCK : 0), 0o644);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    return own !== 0 && ["EAGAIN", "EBUSY", "EACCES"].includes(code ?? "") ? null : message;
  }
  if (own !== 0) return file;
  for (const [program, ...args] of HELPERS) {
    const { status, error } = spawnSync(program, args, { stdio: ["ignore", "ignore", "ignore", file] });
    if (error !== undefined || status === null || status > 1) continue;
    if (status === 0) return file;
    closeSync(file);
    return null;
  }
  closeSync(file);
  return "none of `flock`, `perl` and `python3` is there to ask the system for the lock; install one of them";
}

/** Whether the open file is the one that stands at this path. */
function isAt(file: number, path: string): boolean {
  if (process.platform === "win32") return true;
  const open = fstatSync(file);
  const named = lstatSync(path, { throwIfNoEntry: false });
  return named !== undefined && open.dev === named.dev && open.ino === named.ino;
}
