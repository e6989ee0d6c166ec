/** Levers as they are offered: five groups, steps of sliders, marks on tracks, and what a value costs. */
import type { Lever, Package, RunAnswer, Setting } from "../api/types";

export const GROUPS = ["supply", "rural", "interdiction", "demand", "diplomacy"] as const;
export type Group = (typeof GROUPS)[number];

const GROUP_OF: Record<string, Group> = {
  eradication: "supply",
  substitution: "rural",
  development: "rural",
  interdiction: "interdiction",
  demand: "demand",
  aid: "diplomacy",
  diplomacy: "diplomacy",
};

export function groupOf(lever: Lever): Group {
  return GROUP_OF[lever.group] ?? "diplomacy";
}

/** Return the step of a slider: 1, 2 or 5 times a power of ten, about a hundredth of its range. */
export function stepOf([low, high]: [number, number]): number {
  const wished = (high - low) / 100;
  const power = 10 ** Math.floor(Math.log10(wished));
  return [5, 2, 1].map((n) => n * power).find((s) => s <= wished * 1.0001) ?? power;
}

export interface Mark {
  kind: "today" | "maximum" | "target";
  value: number;
  year: number;
  /** Where on the track, from 0 to 1. */
  at: number;
}

/** Return the marks of a track: today, the most on record, and levels that were announced. */
export function marksOf(lever: Lever, decision: number): Mark[] {
  const [low, high] = lever.range;
  const mark = (kind: Mark["kind"], value: number, year: number): Mark => ({
    kind, value, year, at: Math.max(0, Math.min(1, (value - low) / (high - low))),
  });
  return [
    mark("today", lever.today, decision - 1),
    mark("maximum", lever.maximum.value, lever.maximum.year),
    ...lever.targets.map((t) => mark("target", t.value, t.year)),
  ];
}

/** Return the value that a lever has in a package: set by hand, else where its path ends. */
export function valueOf(lever: Lever, settings: Setting[], answer: RunAnswer | null, base: string, to: number): number {
  const set = settings.find((s) => s.lever === lever.id);
  if (set) return set.value;
  const path = base === "baseline" ? undefined : answer?.packages[1]?.paths[lever.id];
  const last = to - 2000;
  return path?.at(-1) ?? lever.baseline[last] ?? lever.baseline.at(-1) ?? lever.today;
}

export interface Spend {
  value: number;
  low: number;
  high: number;
  /** US dollars of a year by payer. */
  payers: [string, number][];
}

/** Return what a value costs in a year, in USD of 2020; nothing where no unit cost is known. */
export function spendOf(lever: Lever, value: number): Spend | null {
  const { cost } = lever;
  if (!cost.unit.startsWith("USD/") || cost.value === 0) return null;
  const payers = Object.entries(cost.payer).map(([who, share]): [string, number] => [who, share * cost.value * value]);
  return { value: cost.value * value, low: cost.low * value, high: cost.high * value, payers };
}

/** Tell whether two packages set the same levers to the same values. */
export function samePackage(a: Package, b: Package): boolean {
  return JSON.stringify([a.base, a.changes]) === JSON.stringify([b.base, b.changes]);
}
