import { expect, test } from "vitest";
import { begin, DEPTH, redo, step, undo } from "./history";

test("undo and redo walk the same steps back and forth", () => {
  const three = step(step(begin(1), 2), 3);
  expect(undo(three).now).toBe(2);
  expect(undo(undo(three)).now).toBe(1);
  expect(undo(undo(undo(three))).now).toBe(1);
  expect(redo(redo(undo(undo(three))))).toEqual(three);
  expect(redo(three)).toBe(three);
});

test("a new step forgets what was undone", () => {
  const again = step(undo(step(begin(1), 2)), 5);
  expect(again).toEqual({ past: [1], now: 5, future: [] });
});

test("only the latest steps are kept", () => {
  let history = begin(0);
  for (let i = 1; i <= DEPTH + 50; i++) history = step(history, i);
  expect(history.past).toHaveLength(DEPTH);
  expect(history.past[0]).toBe(50);
});
