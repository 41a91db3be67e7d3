import { machineBudget, onReturned, returned, type Budget } from "./budget.js";
import { core } from "./core.js";
import { calling } from "./errors.js";
import type { Delivered } from "./page.js";
import { exchange, type Answer, type Send } from "./transport.js";
import type { Alarm, Auth, Clock, Progress, Report } from "./types.js";
import type { Checkpoint, Machine, Source } from "../generated/core.js";

/** What a walk runs with; every option settled. @internal */
export interface Settings {
  source: Source;
  budget: Budget;
  clock: Clock;
  fetch: typeof globalThis.fetch;
  seed: bigint;
  idle: number;
  revisions: boolean;
  authorize: ((generation: number) => Auth | null | Promise<Auth | null>) | null;
  onProgress: ((progress: Progress) => void) | null;
}

type Step =
  | (Delivered & { [other: string]: unknown })
  | { authorize: number }
  | { blocked: "acknowledgement" | "answer" | "budget" | "credentials" }
  | { finish: string }
  | { send: Send }
  | { sleep: { until: number; why: string } };

interface Flight {
  control: AbortController;
  deadline: number;
  /** When something last arrived. */
  last: number;
}

/**
 * The one loop that does what the machine says: send, wait, hand out. It decides nothing.
 *
 * The loop is here and not a future inside WebAssembly, because a step costs a microsecond either way, and here it
 * aborts at once, throws the caller's own objects, has a readable stack, and runs by a test's clock.
 * @internal
 */
export class Driver {
  readonly machine: Machine;
  report: Report | null = null;
  /** The exception behind the last failed request. */
  cause: unknown;
  #settings: Settings;
  #flights = new Map<number, Flight>();
  #ready: Delivered[] = [];
  /** An exception of the caller's own code. */
  #thrown: { error: unknown } | null = null;
  #wake: (() => void) | null = null;
  #sleep: number | null = null;
  #alarm: { at: number; alarm: Alarm } | null = null;
  #watch: { at: number; alarm: Alarm } | null = null;
  #told = "";
  #closed = false;

  constructor(settings: Settings, from: Checkpoint | undefined) {
    this.#settings = settings;
    const { tick, unix } = settings.clock.now();
    const { source, budget, seed } = settings;
    this.machine = calling(() => new (core().Machine)(source, machineBudget(budget), from, seed, tick, unix));
    if (settings.revisions) this.machine.deliverRevisions();
  }

  /** The next page; null at the end, when there is a report. */
  async next(): Promise<Delivered | null> {
    for (;;) {
      this.#pump();
      if (this.#thrown !== null) {
        const { error } = this.#thrown;
        this.#thrown = null;
        throw error;
      }
      const page = this.#ready.shift();
      if (page !== undefined) return page;
      if (this.report !== null) return null;
      await new Promise<void>((wake) => {
        this.#wake = wake;
        this.#arm();
      });
    }
  }

  acknowledge(page: number): void {
    calling(() => this.machine.acknowledge(page));
  }

  /** Ends the walk where it is. */
  stop(): void {
    if (this.#closed) return;
    this.machine.stop();
    this.#ready.length = 0;
    this.#pump();
    this.#rouse();
  }

  /** Ends the walk as failed, for what happened here and not in the world. */
  fail(kind: string, advice: string): void {
    const { tick, unix } = this.#settings.clock.now();
    this.report = JSON.parse(this.machine.fail(kind, advice, tick, unix)) as Report;
    this.#ready.length = 0;
    this.#quiet();
    this.#tell();
    this.#rouse();
  }

  progress(): Progress {
    const seen = this.machine.progress();
    const { waiting, ...rest } = seen;
    if (waiting === null) return { ...rest, waiting };
    return { ...rest, waiting: { why: waiting.why, ms: Math.max(0, waiting.until - this.#settings.clock.now().tick) } };
  }

  /** Gives the machine's memory back. */
  close(): void {
    if (this.#closed) return;
    this.#quiet();
    this.#closed = true;
    this.machine.free();
    returned(this.#settings.budget);
  }

  /** Asks the machine until there is nothing to do now: requests are on the wire before a page is handed out. */
  #pump(): void {
    this.#sleep = null;
    while (this.report === null && !this.#closed && this.#thrown === null) {
      const { tick, unix } = this.#settings.clock.now();
      const step = calling(() => this.machine.poll(tick, unix)) as Step;
      if ("json" in step) {
        this.#ready.push(step as Delivered);
      } else if ("send" in step) {
        this.#send(step.send, tick);
      } else if ("authorize" in step) {
        this.#authorize(step.authorize);
      } else if ("finish" in step) {
        this.report = JSON.parse(step.finish) as Report;
        this.#quiet();
      } else if ("sleep" in step) {
        this.#sleep = step.sleep.until;
        break;
      } else {
        // Answers and acknowledgements come by themselves; what another walk holds is announced by its budget.
        if (step.blocked === "budget" || step.blocked === "credentials") {
          onReturned(this.#settings.budget, () => this.#rouse());
        }
        break;
      }
    }
    this.#tell();
  }

  #rouse(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }

  /** Sets the alarm for a sleep. Only somebody who waits needs one. */
  #arm(): void {
    if (this.#alarm !== null && this.#alarm.at !== this.#sleep) {
      this.#alarm.alarm.cancel();
      this.#alarm = null;
    }
    if (this.#sleep === null || this.#alarm !== null) return;
    const { clock } = this.#settings;
    const ring = () => {
      this.#alarm = null;
      this.#rouse();
    };
    this.#alarm = { at: this.#sleep, alarm: clock.alarm(this.#sleep - clock.now().tick, ring) };
  }

  #send(send: Send, tick: number): void {
    const flight: Flight = { control: new AbortController(), deadline: send.deadline, last: tick };
    this.#flights.set(send.ticket, flight);
    this.#guard(flight);
    const touch = () => {
      flight.last = this.#settings.clock.now().tick;
    };
    const landed = (answer: Answer) => this.#landed(send.ticket, answer);
    const broke = (error: unknown) => {
      if (this.#flights.has(send.ticket)) this.#own(error);
    };
    exchange(this.#settings.fetch, send, flight.control.signal, touch).then(landed).catch(broke);
  }

  #landed(ticket: number, answer: Answer): void {
    if (!this.#flights.delete(ticket) || this.#closed) return;
    if (this.#flights.size === 0) this.#watch?.alarm.hold(false);
    const { tick, unix } = this.#settings.clock.now();
    if ("kind" in answer) {
      this.cause = answer.cause;
      calling(() => this.machine.failRequest(ticket, answer.kind, answer.detail, tick, unix));
    } else {
      const { status, fields, chunks, size, url, hidden } = answer;
      calling(() => this.machine.respond(ticket, status, fields, chunks, size, url, hidden, tick, unix));
    }
    returned(this.#settings.budget);
    // The next request leaves now, whether or not anybody has asked for its page yet.
    this.#pump();
    this.#rouse();
  }

  /** The caller's own code has thrown: the walk is over, and whoever waits gets the very object. */
  #own(error: unknown): void {
    if (this.#closed || this.report !== null) return;
    this.#thrown = { error };
    this.fail("HostCallback", "the caller's own code threw an exception");
  }

  #authorize(generation: number): void {
    const ask = async () => (await this.#settings.authorize?.(generation)) ?? null;
    const tell = (fresh: Auth | null) => {
      if (this.#closed || this.report !== null) return;
      const { tick, unix } = this.#settings.clock.now();
      const text = fresh === null ? undefined : JSON.stringify(fresh);
      calling(() => this.machine.credentials(generation, text, tick, unix));
      returned(this.#settings.budget);
      this.#pump();
      this.#rouse();
    };
    ask().then(tell).catch((error: unknown) => this.#own(error));
  }

  /** One alarm for all requests: it looks which have gone on for too long or have fallen silent. */
  #guard(flight: Flight): void {
    const { clock, idle } = this.#settings;
    const due = Math.min(flight.deadline, flight.last + idle);
    if (this.#watch !== null && this.#watch.at <= due) {
      if (this.#flights.size === 1) this.#watch.alarm.hold(true);
      return;
    }
    this.#watch?.alarm.cancel();
    const look = () => {
      this.#watch = null;
      const { tick } = clock.now();
      for (const [ticket, { control, deadline, last }] of [...this.#flights]) {
        if (tick < deadline && tick < last + idle) continue;
        control.abort();
        this.#landed(ticket, { kind: "read_timeout", detail: "no answer in time", cause: undefined });
      }
      for (const waiting of this.#flights.values()) this.#guard(waiting);
    };
    this.#watch = { at: due, alarm: clock.alarm(due - clock.now().tick, look) };
  }

  #tell(): void {
    const { onProgress } = this.#settings;
    if (onProgress === null || this.#closed || this.#thrown !== null) return;
    const now = JSON.stringify(this.machine.progress());
    if (now === this.#told) return;
    this.#told = now;
    try {
      onProgress(this.progress());
    } catch (error) {
      this.#own(error);
    }
  }

  /** Nothing is on the wire and nothing rings any more. */
  #quiet(): void {
    for (const { control } of this.#flights.values()) control.abort();
    this.#flights.clear();
    this.#alarm?.alarm.cancel();
    this.#watch?.alarm.cancel();
    this.#alarm = this.#watch = null;
  }
}
