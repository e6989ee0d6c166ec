/** Rows of the comparison: levers that any package moves, and outcomes in a year. */
import type { Lever, Outcome, RunAnswer } from "../api/types";
import { extent } from "../charts/fan";
import type { ChartSpec } from "../charts/lines";
import { TONES } from "../parts/packages";

export interface LeverLine {
  lever: Lever;
  /** Where the path of each package ends. */
  values: number[];
  moved: boolean[];
}

/** Return the levers that any package moves, with where each of them ends. */
export function leverLines(levers: Iterable<Lever>, answer: RunAnswer): LeverLine[] {
  const last = answer.years.length - 1;
  const lines: LeverLine[] = [];
  for (const lever of levers) {
    const moved = answer.packages.map((p) => lever.id in p.paths);
    if (!moved.includes(true)) continue;
    const usual = lever.baseline[last] ?? lever.baseline.at(-1) ?? lever.today;
    lines.push({ lever, moved, values: answer.packages.map((p) => p.paths[lever.id]?.[last] ?? usual) });
  }
  return lines;
}

/** Return one chart for each package, all with the extent that holds every one of them. */
export function smallMultiples(
  outcome: Outcome,
  answer: RunAnswer,
  names: string[],
): { charts: ChartSpec[]; domain: [number, number] } {
  const charts = answer.packages.flatMap((one, i): ChartSpec[] => {
    const found = one.outcomes[outcome.id];
    const base = answer.packages[0]?.outcomes[outcome.id];
    if (!found || !base) return [];
    const own = { id: "package", label: names[i] ?? "", tone: TONES[i] ?? "first", fan: found.fan, bands: [90, 80, 50] as (90 | 80 | 50)[] };
    const beside = { id: "baseline", label: names[0] ?? "", tone: "baseline" as const, fan: base.fan, bands: [] };
    return [
      {
        id: `${outcome.id}-${i}`,
        title: `${outcome.label}: ${names[i] ?? ""}`,
        unit: outcome.unit_text,
        digits: outcome.digits,
        years: answer.years,
        lines: i === 0 ? [own] : [beside, { ...own, from: 2025 }],
        dots: outcome.observed,
        signed: false,
      },
    ];
  });
  const extents = charts.map(extent);
  return { charts, domain: [Math.min(...extents.map((e) => e[0])), Math.max(...extents.map((e) => e[1]))] };
}
