import { expect, test } from "vitest";
import type { Lever, OutcomeAnswer } from "../api/types";
import { marksOf, spendOf, stepOf, valueOf } from "./levers";
import { verdict } from "./sentences";

const lever = {
  id: "aerial_spraying", group: "eradication", unit: "ha/year", range: [0, 200000], today: 0,
  baseline: Array(41).fill(7), maximum: { value: 150000, year: 2006, note: "" }, targets: [{ value: 50000, year: 2026, text: "" }],
  cost: { value: 2000, low: 1000, high: 3000, unit: "USD/ha", known: "", payer: { colombia: 0.25, united_states: 0.75 }, note: "" },
} as unknown as Lever;

test("steps are round and about a hundredth of the range", () => {
  expect([[0, 300000], [0, 1], [0, 4], [0, 15000], [0, 1e9]].map((r) => stepOf(r as [number, number]))).toEqual([2000, 0.01, 0.02, 100, 1e7]);
});

test("marks stand where today, the record and announcements are", () => {
  expect(marksOf(lever, 2026).map((m) => [m.kind, m.at, m.year])).toEqual([["today", 0, 2025], ["maximum", 0.75, 2006], ["target", 0.25, 2026]]);
});

test("a lever shows what was set, else where its path ends", () => {
  expect(valueOf(lever, [], null, "baseline", 2040)).toBe(7);
  expect(valueOf(lever, [{ lever: "aerial_spraying", value: 3 }], null, "baseline", 2040)).toBe(3);
});

test("a value costs its unit cost, split among those who pay", () => {
  expect(spendOf(lever, 100)).toEqual({ value: 200000, low: 100000, high: 300000, payers: [["colombia", 50000], ["united_states", 150000]] });
  expect(spendOf({ ...lever, cost: { ...lever.cost, value: 0 } } as Lever, 100)).toBeNull();
});

test("sentences count runs, and tell when nothing changes", () => {
  const one = (p: number, gap: number) => ({ p_lower: [p], difference: { p05: [-gap], p95: [gap] } }) as unknown as OutcomeAnswer;
  expect(verdict(one(0.784, 1), 0)).toEqual({ key: "lower", n: 78 });
  expect(verdict(one(0.2, 1), 0)).toEqual({ key: "not_lower", n: 80 });
  expect(verdict(one(0, 0), 0)).toEqual({ key: "unchanged" });
});
