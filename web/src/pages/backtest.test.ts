import { expect, test } from "vitest";
import type { HistoryBand } from "../api/backtest";
import { chart, held, worstFirst } from "./backtest";

const band = (id: string, recorded: (number | null)[]): HistoryBand => ({
  id, label: id, unit: "ha", digits: 0, fitted: true, years: [2001, 2002], recorded,
  median: [5, 5], low_50: [4, 4], high_50: [6, 6], low_90: [2, 2], high_90: [8, 8],
});

test("bands that hold least come first", () => {
  expect(held(band("a", [5, 9]))).toBe(0.5);
  expect(held(band("b", [null, 2]))).toBe(1);
  expect(worstFirst([band("good", [5, 5]), band("bad", [9, 9])]).map((b) => b.id)).toEqual(["bad", "good"]);
});

test("a chart shows only what was recorded as dots", () => {
  expect(chart(band("a", [null, 7]), "Model", "Record").dots[0]?.points).toEqual([[2002, 7]]);
});
