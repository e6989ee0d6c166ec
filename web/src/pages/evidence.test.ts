import { expect, test } from "vitest";
import type { Figure, SeriesSummary } from "../api/series";
import { dots, fitting } from "./evidence";

test("series are found by words in any order, without accents", () => {
  const all = [{ id: "coca_area_unodc", label: "Área de coca, UNODC", theme: "coca_area" }, { id: "deaths", label: "Muertes", theme: "use" }] as SeriesSummary[];
  expect(fitting(all, "unodc area").map((s) => s.id)).toEqual(["coca_area_unodc"]);
  expect(fitting(all, "")).toHaveLength(2);
});

test("only figures of one year are drawn", () => {
  const figure = (year: string, value: number | null) => ({ year, value }) as Figure;
  expect(dots("s", "S", [figure("2020", 4), figure("2017-2024", 9), figure("2021", null)]).points).toEqual([[2020, 4]]);
});
