import { core } from "./core.js";

/** What becomes of whole numbers beyond 2^53. */
export type Numbers = "number" | "string" | "bigint";

/** A page as the core hands it out: one JSON array, and where each record stands in it. @internal */
export interface Delivered {
  page: number;
  number: number;
  /** There is a whole number beyond 2^53 in it. */
  long: boolean;
  /** There is a line break in it. */
  broken: boolean;
  json: Uint8Array;
  spans: Uint32Array;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const [FEED, RETURN, SPACE] = [10, 13, 32];

/** The records of one accepted response that were not handed out before. */
export class Page<T = unknown> {
  /** The place of its response among the accepted ones, from 1. */
  readonly number: number;
  #delivered: Delivered;
  #numbers: Numbers;
  #records: T[] | null = null;
  #commit: () => void;

  /** @internal */
  constructor(delivered: Delivered, numbers: Numbers, commit: () => void) {
    this.number = delivered.number;
    this.#delivered = delivered;
    this.#numbers = numbers;
    this.#commit = commit;
  }

  /** How many records there are. */
  get length(): number {
    return this.#delivered.spans.length / 2;
  }

  /** The records, as `JSON.parse` makes them. */
  get records(): T[] {
    return (this.#records ??= parse(this.#delivered, this.#numbers) as T[]);
  }

  /** The records, each the JSON text that the server sent. */
  get raw(): Uint8Array[] {
    const { json, spans } = this.#delivered;
    const raw = new Array<Uint8Array>(spans.length / 2);
    for (let at = 0; at < raw.length; at++) raw[at] = json.subarray(spans[2 * at], spans[2 * at + 1]);
    return raw;
  }

  /** The records as NDJSON, one a line, otherwise as the server sent them. */
  ndjson(): Uint8Array<ArrayBuffer> {
    const { json, spans, broken } = this.#delivered;
    const lines = json.slice(1);
    if (broken) {
      // Between the tokens of a record a line break is as good as a space; inside strings there are none.
      for (let at = 0; at < lines.length; at++) {
        if (lines[at] === FEED || lines[at] === RETURN) lines[at] = SPACE;
      }
    }
    for (let at = 1; at < spans.length; at += 2) lines[(spans[at] as number) - 1] = FEED;
    return lines;
  }

  /** The page is stored: it won't come again after a resume. Asking for the next page says the same. */
  async commit(): Promise<void> {
    this.#commit();
  }
}

function parse({ json, long }: Delivered, numbers: Numbers): unknown {
  if (!long || numbers === "number") return JSON.parse(decoder.decode(json));
  if (numbers === "string") return JSON.parse(decoder.decode(core().rewriteNumbers(json, "")));
  // No server can know the mark, so no text of its own is taken for a number.
  const mark = [...crypto.getRandomValues(new Uint32Array(4))].map((part) => part.toString(36)).join() + ":";
  const text = decoder.decode(core().rewriteNumbers(json, mark));
  const revive = (_: string, value: unknown) =>
    typeof value === "string" && value.startsWith(mark) ? BigInt(value.slice(mark.length)) : value;
  return JSON.parse(text, revive);
}
