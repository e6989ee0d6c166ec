import { expect, test } from "vitest";
import { START, type View } from "../state/view";
import { readFile, writeFile } from "./library";

const view: View = { ...START, base: "ultimatum", changes: [{ lever: "rural_roads", value: 1e8, year: 2028, departments: ["META"] }], assume: { a: 2 }, seed: 4 };

test("a saved view opens as the very same view", () => {
  expect(readFile(writeFile(view, { version: "1", step: "s", data: "d" }))).toEqual(view);
});

test("what holds no view is refused", () => {
  const file = (part: object) => JSON.stringify({ kind: "caudal-view", view: { ...view, ...part } });
  for (const text of ["", "{", "[]", "null", "{}", file({ changes: [{ lever: 1 }] }), file({ to: "x" }), file({ mode: "wild" }), file({ beside: 3 })]) {
    expect(readFile(text), text).toBeNull();
  }
});
