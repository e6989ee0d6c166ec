/** Spend as it is drawn and listed. */
import { stack } from "d3-shape";
import type { Costs, Spend } from "../api/costs";

export interface Bar {
  payer: string;
  label: string;
  /** [year, from, to] in the unit of the answer. */
  pieces: [number, number, number][];
}

type Shown = Costs["packages"][number];

/** Return mean spend by payer as stacked bars; means add up, medians would not. */
export function bars(one: Shown, years: number[]): Bar[] {
  const payers = one.spend.filter((s) => s.lever === "" && s.payer !== "");
  const rows = years.map((_, i) => Object.fromEntries(payers.map((p) => [p.payer, p.mean[i] ?? 0])));
  return stack<Record<string, number>>()
    .keys(payers.map((p) => p.payer))(rows)
    .map((layer, i) => ({
      payer: layer.key,
      label: payers[i]?.payer_label ?? layer.key,
      pieces: layer.map((d, j): [number, number, number] => [years[j] ?? 0, d[0], d[1]]),
    }));
}

export const COLUMNS = ["label", "mean", "median", "p05", "p95"] as const;
export type Column = (typeof COLUMNS)[number];

/** Return spend of all payers by lever, sorted by a column: names from A, figures from the largest. */
export function byLever(one: Shown, column: Column): Spend[] {
  const rows = one.spend.filter((s) => s.payer === "" && s.lever !== "");
  return rows.toSorted((a, b) =>
    column === "label" ? a.lever_label.localeCompare(b.lever_label) : b.total[column] - a.total[column],
  );
}
