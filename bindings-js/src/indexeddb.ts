/** Checkpoints that outlive the page: in the browser's IndexedDB. */
export interface CheckpointStore {
  /** The checkpoint under this name; null if there is none. Fits the `resume` option. */
  load(name: string): Promise<string | null>;
  /** Keeps a checkpoint; returns when it is durable. */
  save(name: string, checkpoint: string): Promise<void>;
  /** Forgets it. */
  remove(name: string): Promise<void>;
  /** Closes the database. */
  close(): void;
}

const STORE = "checkpoints";

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** Opens the store. Records are the caller's to keep; save a checkpoint in or after the transaction that keeps them. */
export async function checkpointStore(database = "everypage"): Promise<CheckpointStore> {
  const opening = indexedDB.open(database, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const db = await done(opening);
  const write = (change: (store: IDBObjectStore) => void) =>
    new Promise<void>((resolve, reject) => {
      const transaction = db.transaction(STORE, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
      change(transaction.objectStore(STORE));
    });
  return {
    async load(name) {
      const found: unknown = await done(db.transaction(STORE).objectStore(STORE).get(name));
      return typeof found === "string" ? found : null;
    },
    save: (name, checkpoint) => write((store) => store.put(checkpoint, name)),
    remove: (name) => write((store) => store.delete(name)),
    close: () => db.close(),
  };
}
