/**
 * An iterator whose calls of `next` take turns. `ready` gives what needs no waiting, `pull` what does, `stop` ends it
 * early. After an error or the end there is nothing more.
 */
export function turns<T>(
  ready: () => IteratorResult<T, undefined> | null,
  pull: () => Promise<IteratorResult<T, undefined>>,
  stop: () => void,
): AsyncIterableIterator<T, undefined> {
  let waiting = 0;
  let over = false;
  let last: Promise<unknown> = Promise.resolve();
  const end = { done: true, value: undefined } as const;
  const turn = async (): Promise<IteratorResult<T, undefined>> => {
    if (over) return end;
    try {
      const result = await pull();
      over ||= result.done === true;
      return over ? end : result;
    } catch (error) {
      const first = !over;
      over = true;
      if (first) throw error;
      return end;
    } finally {
      waiting--;
    }
  };
  return {
    next() {
      const now = waiting === 0 && !over ? ready() : null;
      if (now !== null) return Promise.resolve(now);
      waiting++;
      const result = last.then(turn);
      last = result.catch(() => {});
      return result;
    },
    async return() {
      over = true;
      stop();
      return end;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
