/** Views as files: what is saved can be opened again, and what is no view is refused in one line. */
import type { Setting } from "../api/types";
import { MODES, START, type View } from "../state/view";

const KIND = "caudal-view";

/** Return the text of a file that holds a view and what it was made with. */
export function writeFile(view: View, about: { version: string; step: string; data: string }): string {
  const { version, step, data } = about;
  return `${JSON.stringify({ kind: KIND, made_with: { version, step, data }, view }, null, 2)}\n`;
}

function isSetting(one: unknown): one is Setting {
  const s = one as Setting;
  return typeof s === "object" && s !== null && typeof s.lever === "string" && Number.isFinite(s.value);
}

/** Return the view of a file, or nothing where it holds none. */
export function readFile(text: string): View | null {
  let found: { kind?: unknown; view?: Partial<View> };
  try {
    found = JSON.parse(text) as typeof found;
  } catch {
    return null;
  }
  const view = found?.view;
  if (found?.kind !== KIND || typeof view !== "object" || view === null) return null;
  const whole = { ...START, ...view };
  const packages = [whole, ...(Array.isArray(whole.beside) ? whole.beside : [null])];
  const fits =
    packages.every((p) => p && typeof p.base === "string" && Array.isArray(p.changes) && p.changes.every(isSetting)) &&
    Object.values(whole.assume).every(Number.isFinite) &&
    [whole.draws, whole.seed, whole.to].every(Number.isInteger) &&
    MODES.includes(whole.mode) &&
    Array.isArray(whole.show);
  return fits ? whole : null;
}
