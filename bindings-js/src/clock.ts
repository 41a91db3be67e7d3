import type { Alarm, Clock } from "./types.js";

/** Timers take no more than this; whoever waits longer is woken, looks, and waits again. */
export const LONGEST = 2 ** 31 - 1;

/** The platform's clock. */
export const clock: Clock = {
  now: () => ({ tick: Math.floor(performance.now()), unix: Date.now() }),
  alarm(ms: number, wake: () => void): Alarm {
    const timer: unknown = setTimeout(wake, Math.min(Math.ceil(ms), LONGEST));
    return {
      cancel: () => clearTimeout(timer as number),
      hold: (alive) => {
        // Only servers' timers are objects that can let a process go.
        const held = timer as { ref?: () => void; unref?: () => void };
        if (typeof timer === "object") alive ? held.ref?.() : held.unref?.();
      },
    };
  },
};
