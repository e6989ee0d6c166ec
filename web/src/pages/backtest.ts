/** Bands of history as charts, those that hold least of the record first. */
import type { HistoryBand } from "../api/backtest";
import type { ChartSpec } from "../charts/lines";

/** Return the share of recorded figures inside the 90 % band. */
export function held(band: HistoryBand): number {
  const known = band.recorded.flatMap((v, i) => (v === null ? [] : [v >= (band.low_90[i] ?? 0) && v <= (band.high_90[i] ?? 0)]));
  return known.length ? known.filter(Boolean).length / known.length : 1;
}

/** Return bands with the worst first. */
export function worstFirst(bands: HistoryBand[]): HistoryBand[] {
  return bands.toSorted((a, b) => held(a) - held(b));
}

/** Return the chart of a band: median, 50 and 90 %, and the record as dots. */
export function chart(band: HistoryBand, label: string, recorded: string): ChartSpec {
  const { median, low_50, high_50, low_90, high_90 } = band;
  const fan = { p05: low_90, p10: low_90, p25: low_50, p50: median, p75: high_50, p90: high_90, p95: high_90 };
  const points = band.years.flatMap((year, i): [number, number][] => (band.recorded[i] == null ? [] : [[year, band.recorded[i] as number]]));
  return {
    id: `history-${band.id}`, title: band.label, unit: band.unit, digits: band.digits, years: band.years, signed: false,
    lines: [{ id: "model", label, tone: "package", fan, bands: [90, 50] }],
    dots: [{ series: band.id, label: recorded, short: recorded, points }],
  };
}
