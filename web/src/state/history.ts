/** Steps back and forward over views; a value, so that every change makes another. */
export interface History<T> {
  past: T[];
  now: T;
  future: T[];
}

/** Steps that are kept. */
export const DEPTH = 200;

export function begin<T>(now: T): History<T> {
  return { past: [], now, future: [] };
}

/** Return a history with one more step; what was undone is forgotten. */
export function step<T>(history: History<T>, now: T): History<T> {
  return { past: [...history.past, history.now].slice(-DEPTH), now, future: [] };
}

export function undo<T>(history: History<T>): History<T> {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { past: history.past.slice(0, -1), now: before, future: [history.now, ...history.future] };
}

export function redo<T>(history: History<T>): History<T> {
  const [after, ...rest] = history.future;
  if (after === undefined) return history;
  return { past: [...history.past, history.now], now: after, future: rest };
}
