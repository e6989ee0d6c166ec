/** Sentences of the page by key, in both languages; names of levers and outcomes come from the server. */
import en from "../messages/en/shell.json";
import es from "../messages/es/shell.json";

export type Lang = "en" | "es";
export const LANGS: Lang[] = ["en", "es"];
export type Gaps = Record<string, string | number>;

/** Return what says the sentences of a catalogue, with their {gaps} filled. */
export function speaker<K extends string>(
  english: Record<K, string>,
  spanish: Record<NoInfer<K>, string>,
): (lang: Lang, key: K, gaps?: Gaps) => string {
  const catalogues: Record<Lang, Record<K, string>> = { en: english, es: spanish };
  return (lang, key, gaps = {}) =>
    catalogues[lang][key].replace(/\{(\w+)\}/g, (all: string, name: string) => String(gaps[name] ?? all));
}

export type Key = keyof typeof en;
export const say = speaker(en, es);
