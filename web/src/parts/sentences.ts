/** What a chart says in words: how many runs, by how much, in which year. */
import type { OutcomeAnswer } from "../api/types";
import { ofHundred } from "../state/numbers";

export type Verdict =
  | { key: "unchanged" }
  | { key: "lower"; n: number }
  | { key: "not_lower"; n: number };

/** Return in how many of 100 runs an outcome is lower than without the package, in a year of the answer. */
export function verdict(one: OutcomeAnswer, at: number): Verdict {
  const p = one.p_lower?.[at] ?? 0;
  const [low, high] = [one.difference?.p05[at] ?? 0, one.difference?.p95[at] ?? 0];
  if (p === 0 && low === 0 && high === 0) return { key: "unchanged" };
  const n = ofHundred(p);
  return n >= 50 ? { key: "lower", n } : { key: "not_lower", n: 100 - n };
}
