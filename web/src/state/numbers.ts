/** How numbers are written in a language: never more finely than their range deserves. */
import type { Lang } from "./words";

const LOCALES: Record<Lang, string> = { en: "en-US", es: "es-CO" };
const SIGNIFICANT = 3;

/** Return a number with thousands separators, to three significant figures and at most `digits` decimals. */
export function number(lang: Lang, value: number, digits = 0, signed = false): string {
  const size = value === 0 ? 0 : Math.floor(Math.log10(Math.abs(value)));
  const step = 10 ** Math.max(size - SIGNIFICANT + 1, -digits);
  const rounded = Math.round(value / step) * step;
  const decimals = Math.min(digits, Math.max(0, SIGNIFICANT - 1 - size));
  return new Intl.NumberFormat(LOCALES[lang], {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    signDisplay: signed ? "exceptZero" : "negative",
    useGrouping: "always",
  } as Intl.NumberFormatOptions)
    .format(rounded)
    .replace("-", "−");
}

/** Return a number in full: what was set by hand, a record. */
export function exact(lang: Lang, value: number, decimals = 3): string {
  return new Intl.NumberFormat(LOCALES[lang], { maximumFractionDigits: decimals }).format(value).replace("-", "−");
}

/** Return a number in few characters, for axes and slider ticks: 250K, 250 mil. */
export function short(lang: Lang, value: number): string {
  if (Math.abs(value) < 10_000) return exact(lang, Number(value.toPrecision(3)));
  return new Intl.NumberFormat(LOCALES[lang], { notation: "compact", maximumSignificantDigits: 3 })
    .format(value)
    .replace("-", "−");
}

/** Return a share from 0 to 1 as a count of 100 runs. */
export function ofHundred(share: number): number {
  return Math.round(share * 100);
}
