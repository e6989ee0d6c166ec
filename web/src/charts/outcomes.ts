/** The chart of an outcome from the newest answers, in each of the three ways of showing them. */
import type { Outcome, OutcomeAnswer, RunAnswer } from "../api/types";
import type { View } from "../state/view";
import type { ChartSpec, Line } from "./lines";

export interface Names {
  baseline: string;
  package: string;
  baselineAssumed: string;
  packageAssumed: string;
  difference: string;
}

interface Shown {
  answer: RunAnswer;
  usual: RunAnswer | null;
}

function of(answer: RunAnswer, package_: number, id: string): OutcomeAnswer | undefined {
  return answer.packages[package_]?.outcomes[id];
}

/** Return the chart of an outcome, or nothing where the answer does not hold it.
 *
 * Level: the baseline and the package. Difference: the package less the baseline, member by member.
 * Four: each with the usual ranges of parameters and with those that were changed.
 */
export function chartOf(
  outcome: Outcome,
  shown: Shown,
  view: View,
  names: Names,
  changed: boolean,
  baselineShown: boolean,
): ChartSpec | null {
  const { answer, usual } = shown;
  const baseline = of(answer, 0, outcome.id);
  const package_ = of(answer, 1, outcome.id);
  if (!baseline || !package_) return null;
  const from = (answer.years.find((y) => y >= 2025) ?? 2025) as number;
  const spec: ChartSpec = {
    id: outcome.id,
    title: outcome.label,
    unit: outcome.unit_text,
    digits: outcome.digits,
    years: answer.years,
    lines: [],
    dots: outcome.observed,
    signed: false,
  };
  const assuming = Object.keys(view.assume).length > 0;
  if (view.mode === "difference") {
    const start = answer.years.indexOf(from);
    const cut = <T>(values: T[]) => values.slice(start);
    const fan = package_.difference ?? package_.fan;
    const short = Object.fromEntries(Object.entries(fan).map(([k, v]) => [k, cut(v)])) as typeof fan;
    const one: Line = { id: "difference", label: names.difference, tone: "package", fan: short, bands: [90, 80, 50] };
    return { ...spec, years: cut(answer.years), lines: [one], dots: [], signed: true };
  }
  const line = (id: string, label: string, tone: Line["tone"], one: OutcomeAnswer, bands: Line["bands"]): Line => ({
    id, label, tone, fan: one.fan, bands, ...(id.startsWith("package") ? { from } : {}),
  });
  if (view.mode === "four" && assuming && usual) {
    const [first, second] = [of(usual, 0, outcome.id), of(usual, 1, outcome.id)];
    if (first) spec.lines.push(line("baseline", names.baseline, "baseline", first, [80]));
    spec.lines.push(line("baseline-assumed", names.baselineAssumed, "baseline-assumed", baseline, []));
    if (changed && second) spec.lines.push(line("package", names.package, "package", second, []));
    if (changed) spec.lines.push(line("package-assumed", names.packageAssumed, "package-assumed", package_, [80]));
    return spec;
  }
  const [one, two] = assuming
    ? ([["baseline-assumed", names.baselineAssumed], ["package-assumed", names.packageAssumed]] as const)
    : ([["baseline", names.baseline], ["package", names.package]] as const);
  if (baselineShown || !changed) {
    spec.lines.push(line("baseline", one[1], one[0], baseline, changed ? [80] : [90, 80, 50]));
  }
  if (changed) spec.lines.push(line("package", two[1], two[0], package_, [90, 80, 50]));
  return spec;
}
