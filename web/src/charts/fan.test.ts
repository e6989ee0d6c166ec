import { expect, test } from "vitest";
import { apart, extent, tableOf } from "./fan";
import type { ChartSpec } from "./lines";

const fan = { p05: [1, 2], p10: [2, 3], p25: [3, 4], p50: [4, 5], p75: [5, 6], p90: [6, 7], p95: [7, 8] };
const spec: ChartSpec = {
  id: "x", title: "X", unit: "ha", digits: 0, years: [2024, 2025], signed: false,
  lines: [{ id: "baseline", label: "B", tone: "baseline", fan, bands: [90] }],
  dots: [{ series: "s", label: "Owner", short: "O", points: [[2000, 99], [2025, 12]] }],
};

test("the extent holds bands and dots in view, and zero", () => {
  expect(extent(spec)).toEqual([0, 12]);
  expect(extent({ ...spec, dots: [] })).toEqual([0, 8]);
});

test("labels keep their distance and stay inside", () => {
  const placed = apart([{ y: 50 }, { y: 52 }, { y: 99 }], 20, 0, 100);
  const ys = placed.map((p) => p.y);
  expect(ys.every((y, i) => i === 0 || y - (ys[i - 1] ?? 0) >= 20)).toBe(true);
  expect(Math.max(...ys)).toBeLessThanOrEqual(100);
});

test("the table holds every figure of the chart in full", () => {
  const table = tableOf(spec, "year");
  expect(table.head).toEqual(["year", "B p05", "B p50", "B p95", "Owner"]);
  expect(table.rows).toEqual([[2024, 1, 4, 7, null], [2025, 2, 5, 8, 12]]);
});
