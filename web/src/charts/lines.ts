/** What a chart of years shows: bands and medians with their labels, and dots on record. */
import type { Fan, Observed } from "../api/types";

/** Whose line it is; each has a colour and a dash in both themes. */
export type Tone = "baseline" | "package" | "baseline-assumed" | "package-assumed" | "first" | "second" | "third" | "fourth";

export interface Line {
  id: string;
  label: string;
  tone: Tone;
  fan: Fan;
  /** Which bands are drawn, in percent. */
  bands: (50 | 80 | 90)[];
  /** The first year drawn: before it all lines are the same. */
  from?: number;
}

export interface ChartSpec {
  id: string;
  title: string;
  unit: string;
  digits: number;
  years: number[];
  lines: Line[];
  dots: Observed[];
  /** Differences: the axis holds zero in its midst, signs are written. */
  signed: boolean;
}
