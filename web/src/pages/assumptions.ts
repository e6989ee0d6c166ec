/** Parameters as they are listed: by block, found by words, only those changed. */
import type { Parameter } from "../api/types";

const plain = (text: string) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** Return blocks with the parameters that fit, in the order of the catalogue. */
export function blocks(
  parameters: Parameter[],
  wanted: string,
  changed: Record<string, number>,
  onlyChanged: boolean,
): { block: string; parameters: Parameter[] }[] {
  const fits = (p: Parameter) =>
    plain(`${p.label} ${p.id}`).includes(plain(wanted.trim())) && (!onlyChanged || p.id in changed);
  const groups = new Map<string, Parameter[]>();
  for (const one of parameters) if (fits(one)) groups.set(one.block, [...(groups.get(one.block) ?? []), one]);
  return [...groups].map(([block, found]) => ({ block, parameters: found }));
}

/** Return what was typed, nothing for an empty field, or null where it lies outside the bounds. */
export function typed(text: string, [low, high]: [number, number]): number | undefined | null {
  if (text.trim() === "") return undefined;
  const value = Number(text);
  return Number.isFinite(value) && value >= low && value <= high ? value : null;
}
