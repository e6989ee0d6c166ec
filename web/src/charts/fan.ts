/** The shape of a chart of years before it is drawn: its extent, its labels, its table. */
import type { ChartSpec } from "./lines";

/** Return the extent of all bands and dots; levels begin at zero unless something lies below. */
export function extent(spec: ChartSpec): [number, number] {
  const first = spec.years[0] ?? 0;
  const values = spec.lines.flatMap((one) => {
    const widest = Math.max(...one.bands, 0);
    const [low, high] =
      widest >= 90 ? [one.fan.p05, one.fan.p95] : widest >= 80 ? [one.fan.p10, one.fan.p90] : [one.fan.p50, one.fan.p50];
    return [...low, ...high, ...one.fan.p50];
  });
  for (const dots of spec.dots) values.push(...dots.points.filter(([year]) => year >= first).map(([, v]) => v));
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  return low === high ? [spec.signed ? -1 : 0, 1] : [low, high];
}

/** Return places that keep `gap` from each other, in the order of the wished ones, between two ends. */
export function apart<T extends { y: number }>(
  items: T[],
  gap: number,
  top: number,
  bottom: number,
): { item: T; y: number }[] {
  const placed = [...items].sort((a, b) => a.y - b.y).map((item) => ({ item, y: Math.max(top, Math.min(bottom, item.y)) }));
  for (let i = 1; i < placed.length; i++) {
    const [above, here] = [placed[i - 1], placed[i]];
    if (above && here) here.y = Math.max(here.y, above.y + gap);
  }
  for (let i = placed.length - 1; i >= 0; i--) {
    const [here, under] = [placed[i], placed[i + 1]];
    if (here) here.y = Math.min(here.y, under ? under.y - gap : bottom);
  }
  return placed;
}

/** Return the figures of a chart in full: a row for each year, lines side by side, then what was recorded. */
export function tableOf(spec: ChartSpec, year: string): { head: string[]; rows: (number | null)[][] } {
  const parts = ["p05", "p50", "p95"] as const;
  const head = [
    year,
    ...spec.lines.flatMap((one) => parts.map((p) => `${one.label} ${p}`)),
    ...spec.dots.map((dots) => dots.label),
  ];
  const recorded = spec.dots.map((dots) => new Map(dots.points));
  const rows = spec.years.map((at, i) => [
    at,
    ...spec.lines.flatMap((one) => parts.map((p) => one.fan[p][i] ?? null)),
    ...recorded.map((points) => points.get(at) ?? null),
  ]);
  return { head, rows };
}
