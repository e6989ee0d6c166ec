/** What is shown, as one plain value: a package, assumptions, and how they are drawn. */
import type { Package, RunRequest, Setting } from "../api/types";

export type Mode = "level" | "difference" | "four";
export const MODES: Mode[] = ["level", "difference", "four"];

export interface View {
  base: string;
  changes: Setting[];
  assume: Record<string, number>;
  draws: number;
  seed: number;
  to: number;
  structures: string;
  owner: string;
  mode: Mode;
  /** Outcomes shown on Simulate, the two large ones first. */
  show: string[];
  /** Other packages that Compare, Costs and Map show beside the reference and the package. */
  beside: Package[];
}

export const BASELINE = "baseline";
export const FULL = 500;
export const DRAGGED = 100;

export const SHOWN = [
  "coca_area",
  "us_deaths",
  "cocaine_to_us",
  "us_retail_price",
  "growers_income",
  "homicides_attributable",
  "public_cost_colombia",
  "forest_cleared",
];

export const START: View = {
  base: BASELINE,
  changes: [],
  assume: {},
  draws: FULL,
  seed: 1,
  to: 2040,
  structures: "standard",
  owner: "unodc",
  mode: "level",
  show: SHOWN,
  beside: [],
};

/** Return the package of a view. */
export function packageOf(view: View): Package {
  return { base: view.base, changes: view.changes };
}

/** Tell whether a package departs from the baseline. */
export function departs(one: Package): boolean {
  return one.base !== BASELINE || one.changes.length > 0;
}

/** Return a view in which a lever is set; what was said of its timing and places stays. */
export function withLever(view: View, setting: Partial<Setting> & { lever: string; value: number }): View {
  const old = view.changes.find((c) => c.lever === setting.lever);
  const made: Setting = { ...old, ...setting };
  const changes = old
    ? view.changes.map((c) => (c.lever === setting.lever ? made : c))
    : [...view.changes, made];
  return { ...view, changes };
}

/** Return a view in which a lever is what the scenario says. */
export function withoutLever(view: View, lever: string): View {
  return { ...view, changes: view.changes.filter((c) => c.lever !== lever) };
}

/** Return a view in which a parameter has one value in all members, or its own range again. */
export function withAssumption(view: View, parameter: string, value: number | null): View {
  const { [parameter]: _dropped, ...rest } = view.assume;
  return { ...view, assume: value === null ? rest : { ...rest, [parameter]: value } };
}

/** Return the request that a view stands for: the baseline first, then its package.
 *
 * Without `assumed`, members keep the ranges of all parameters.
 */
export function requestOf(view: View, draws: number, outcomes: string[], assumed = true): RunRequest {
  return {
    packages: [{ base: BASELINE, changes: [] }, packageOf(view)],
    assume: assumed ? view.assume : {},
    draws,
    seed: view.seed,
    to: view.to,
    structures: view.structures,
    owner: view.owner,
    outcomes,
  };
}
