/** Sentences of the page by key, in both languages; names of levers and outcomes come from the server. */
import en from "../messages/en.json";
import es from "../messages/es.json";

export type Lang = "en" | "es";
export const LANGS: Lang[] = ["en", "es"];
export type Key = keyof typeof en;

const catalogues: Record<Lang, Record<Key, string>> = { en, es };

/** Return the sentence of a key with its {gaps} filled. */
export function say(lang: Lang, key: Key, gaps: Record<string, string | number> = {}): string {
  return catalogues[lang][key].replace(/\{(\w+)\}/g, (all, name: string) => String(gaps[name] ?? all));
}
