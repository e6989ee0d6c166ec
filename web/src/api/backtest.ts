/** The stored back-test, as /api/backtest answers it. */

export interface Estimate {
  value: number | null;
  low: number | null;
  high: number | null;
}

export interface Score {
  best: string;
  points: number;
  skill: Estimate;
  inside_50: Estimate;
  inside_90: Estimate;
  width: number | null;
  error: number | null;
}

export interface HistoryBand {
  id: string;
  label: string;
  unit: string;
  digits: number;
  fitted: boolean;
  years: number[];
  recorded: (number | null)[];
  median: number[];
  low_50: number[];
  high_50: number[];
  low_90: number[];
  high_90: number[];
}

export interface Backtest {
  summary: string;
  notes: string[];
  scopes: Record<string, string>;
  bars: { id: string; label: string; kind: string; standing: string; standing_label: string; values: Record<string, number | null> }[];
  targets: { id: string; label: string; scopes: Record<string, Score> }[];
  bands: HistoryBand[];
}
