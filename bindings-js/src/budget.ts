import { core } from "./core.js";
import type { Budget as Shared } from "../generated/core.js";

const shared = new WeakMap<Budget, { budget: Shared; waiting: Set<() => void> }>();

/** Rate limits and retry budgets by origin and credential, shared by every walk that is given it. */
export class Budget {
  constructor() {
    shared.set(this, { budget: new (core().Budget)(), waiting: new Set() });
  }
}

function inside(budget: Budget): { budget: Shared; waiting: Set<() => void> } {
  const found = shared.get(budget);
  if (found === undefined) throw new TypeError("`budget` is no Budget of this package");
  return found;
}

/** What the machine takes. @internal */
export const machineBudget = (budget: Budget): Shared => inside(budget).budget;

/** Wakes once when a walk gives something back. @internal */
export function onReturned(budget: Budget, wake: () => void): void {
  inside(budget).waiting.add(wake);
}

/** Something was given back. @internal */
export function returned(budget: Budget): void {
  const { waiting } = inside(budget);
  if (waiting.size === 0) return;
  const all = [...waiting];
  waiting.clear();
  for (const wake of all) wake();
}
