/** Series as they are listed and drawn. */
import type { Figure, SeriesSummary } from "../api/series";
import type { Observed } from "../api/types";

const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Return series whose name holds all words, without regard to accents. */
export function fitting(all: SeriesSummary[], wanted: string): SeriesSummary[] {
  const words = plain(wanted).split(/\s+/).filter(Boolean);
  return all.filter((s) => words.every((w) => plain(`${s.label} ${s.id} ${s.theme}`).includes(w)));
}

/** Return figures as dots: those of a single year that were published. */
export function dots(series: string, label: string, figures: Figure[]): Observed {
  const points = figures.flatMap((f): [number, number][] =>
    f.value !== null && /^\d{4}$/.test(f.year) ? [[Number(f.year), f.value]] : [],
  );
  return { series, label, short: label, points };
}
