/** Addresses that show exactly what is on the screen: a view as its difference from the start.
 *
 * `?base=baseline&set=aerial_spraying:60000@2027+2~NARIÑO.CAUCA&assume=spray_kill:0.1&with=...`
 */
import type { Package, Setting } from "../api/types";
import { MODES, type Mode, START, type View } from "./view";

/** What a link was made with; a page of another model or other data says so. */
export interface Origin {
  version: string;
  step: string;
  data: string;
}

// A plus sign that was typed into an address arrives as a space.
const SETTING = /^([a-z0-9_]+):([^@+~ ]+)(?:@(\d{4}))?(?:[+ ](\d+))?(?:~(.+))?$/;

/** Return a setting as LEVER:VALUE[@YEAR][+RAMP][~DEPARTMENT.DEPARTMENT]. */
export function writeSetting(one: Setting): string {
  const year = one.year === undefined ? "" : `@${one.year}`;
  const ramp = one.ramp ? `+${one.ramp}` : "";
  const places = one.departments?.length ? `~${one.departments.join(".")}` : "";
  return `${one.lever}:${one.value}${year}${ramp}${places}`;
}

/** Return the setting that a text stands for, or nothing where it stands for none. */
export function readSetting(text: string): Setting | null {
  const found = SETTING.exec(text);
  const value = Number(found?.[2]);
  if (!found?.[1] || !Number.isFinite(value)) return null;
  const made: Setting = { lever: found[1], value };
  if (found[3]) made.year = Number(found[3]);
  if (found[4]) made.ramp = Number(found[4]);
  if (found[5]) made.departments = found[5].split(".");
  return made;
}

/** Return a package as BASE|SETTING|SETTING. */
export function writePackage(one: Package): string {
  return [one.base, ...one.changes.map(writeSetting)].join("|");
}

/** Return the package that a text stands for, and what in it stands for nothing. */
export function readPackage(text: string): Package {
  const [base = START.base, ...rest] = text.split("|");
  return { base, changes: rest.map(readSetting).filter((s) => s !== null) };
}

/** Return the query of a view; empty for the one that the app starts with. */
export function writeLink(view: View, lang: string, origin?: Origin): string {
  const query = new URLSearchParams();
  if (view.base !== START.base) query.set("base", view.base);
  for (const one of view.changes) query.append("set", writeSetting(one));
  for (const [name, value] of Object.entries(view.assume)) query.append("assume", `${name}:${value}`);
  for (const name of ["draws", "seed", "to", "structures", "owner", "mode"] as const) {
    if (view[name] !== START[name]) query.set(name, String(view[name]));
  }
  if (view.show.join() !== START.show.join()) query.set("show", view.show.join("."));
  for (const one of view.beside) query.append("with", writePackage(one));
  query.set("lang", lang);
  if (origin) {
    query.set("v", origin.version);
    query.set("step", origin.step);
    query.set("data", origin.data.slice(0, 16));
  }
  return `?${query.toString()}`;
}

/** What an address holds: a view, its language, what it was made with, and what in it was not understood. */
export interface Link {
  view: View;
  lang: string | null;
  origin: Partial<Origin>;
  refused: string[];
}

/** Return what an address holds. */
export function readLink(search: string): Link {
  const query = new URLSearchParams(search);
  const refused: string[] = [];
  const whole = (name: "draws" | "seed" | "to") => {
    const text = query.get(name);
    if (text === null) return START[name];
    if (/^\d+$/.test(text)) return Number(text);
    refused.push(`${name}=${text}`);
    return START[name];
  };
  const changes = query.getAll("set").flatMap((text) => {
    const one = readSetting(text);
    if (one === null) refused.push(`set=${text}`);
    return one === null ? [] : [one];
  });
  const assume: Record<string, number> = {};
  for (const text of query.getAll("assume")) {
    const [name = "", value = ""] = text.split(":");
    if (name && value !== "" && Number.isFinite(Number(value))) assume[name] = Number(value);
    else refused.push(`assume=${text}`);
  }
  const mode = query.get("mode") as Mode | null;
  if (mode !== null && !MODES.includes(mode)) refused.push(`mode=${mode}`);
  const view: View = {
    base: query.get("base") ?? START.base,
    changes,
    assume,
    draws: whole("draws"),
    seed: whole("seed"),
    to: whole("to"),
    structures: query.get("structures") ?? START.structures,
    owner: query.get("owner") ?? START.owner,
    mode: mode !== null && MODES.includes(mode) ? mode : START.mode,
    show: query.get("show")?.split(".") ?? START.show,
    beside: query.getAll("with").map(readPackage),
  };
  const origin: Partial<Origin> = {};
  const named = { version: query.get("v"), step: query.get("step"), data: query.get("data") };
  for (const [name, value] of Object.entries(named)) {
    if (value !== null) origin[name as keyof Origin] = value;
  }
  return { view, lang: query.get("lang"), origin, refused };
}

/** Tell whether a link was made with this model and these data. */
export function sameOrigin(link: Partial<Origin>, here: Origin): boolean {
  const same = (a: string | undefined, b: string) => a === undefined || b.startsWith(a);
  return same(link.step, here.step) && same(link.data, here.data);
}
