/** Packages that are looked at side by side: the baseline, what is on Simulate, and those beside it. */
import type { Catalogue, Package } from "../api/types";
import type { Tone } from "../charts/lines";
import { BASELINE, departs, packageOf, type View } from "../state/view";

/** Packages in one comparison, the baseline among them. */
export const MOST = 4;
export const TONES: Tone[] = ["first", "second", "third", "fourth"];
/** What is compared while nothing was chosen: the question that the project began with. */
export const USUAL: Package[] = ["eradication-led", "substitution-led"].map((base) => ({ base, changes: [] }));

/** Return the packages of a view, the baseline first. */
export function packagesOf(view: View): Package[] {
  const own = packageOf(view);
  const chosen = [...(departs(own) ? [own] : []), ...view.beside];
  return [{ base: BASELINE, changes: [] }, ...(chosen.length ? chosen : USUAL)].slice(0, MOST);
}

/** Return what a package is called: its scenario, and how many levers were moved. */
export function nameOf(one: Package, catalogue: Catalogue | null, plus: (scenario: string, n: number) => string): string {
  const title = catalogue?.scenarios.find((s) => s.id === one.base)?.title ?? one.base;
  return one.changes.length ? plus(title, one.changes.length) : title;
}
