import { expect, test } from "vitest";
import type { Place } from "../api/types";
import { largestOf, stepOf, STEPS, TILES, titled } from "./map";

test("no two departments share a tile", () => {
  const places = Object.values(TILES).map((t) => t.join());
  expect(new Set(places).size).toBe(24);
});

test("steps grow with the figure, keep its sign, and none is none", () => {
  expect([0, 1, 20, 21, 100, 500].map((v) => stepOf(v, 100))).toEqual([0, 1, 1, 2, STEPS, STEPS]);
  expect(stepOf(-50, 100)).toBe(-3);
  expect(stepOf(5, 0)).toBe(0);
});

test("one scale holds all years shown", () => {
  const place = (p50: number[], difference: number[]) => ({ p05: [], p50, p95: [], difference }) as Place;
  const places = { A: place([9, 1, 2], [0, 0, -4]), B: place([9, 5, 3], [0, 1, 1]) };
  expect(largestOf(places, 1, false)).toBe(5);
  expect(largestOf(places, 1, true)).toBe(4);
});

test("names are written as in a sentence", () => {
  expect(titled("NORTE DE SANTANDER")).toBe("Norte de Santander");
  expect(titled("NARIÑO")).toBe("Nariño");
});
