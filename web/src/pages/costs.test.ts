import { expect, test } from "vitest";
import type { Costs, Spend } from "../api/costs";
import { bars, byLever } from "./costs";

const spend = (lever: string, payer: string, mean: number): Spend => ({
  lever, payer, lever_label: lever, payer_label: payer, mean: [mean, 2 * mean], median: [], p05: [], p95: [],
  total: { mean: 3 * mean, median: mean, p05: 0, p95: 9 },
});
const one: Costs["packages"][number] = {
  name: "0", extra: [], ratios: [],
  spend: [spend("", "", 6), spend("", "colombia", 4), spend("", "united_states", 2), spend("b", "", 1), spend("a", "", 5), spend("a", "colombia", 5)],
};

test("bars of payers stand on each other and reach the whole", () => {
  expect(bars(one, [2026, 2027]).map((b) => [b.payer, b.pieces])).toEqual([
    ["colombia", [[2026, 0, 4], [2027, 0, 8]]],
    ["united_states", [[2026, 4, 6], [2027, 8, 12]]],
  ]);
});

test("levers are listed once, by name or from the largest", () => {
  expect(byLever(one, "label").map((s) => s.lever)).toEqual(["a", "b"]);
  expect(byLever(one, "mean").map((s) => s.lever)).toEqual(["a", "b"]);
  expect(byLever({ ...one, spend: one.spend.toReversed() }, "median").map((s) => s.lever)).toEqual(["a", "b"]);
});
