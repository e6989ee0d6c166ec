import { expect, test } from "vitest";

const files = import.meta.glob<Record<string, string>>("../messages/*/*.json", { eager: true, import: "default" });
const names = [...new Set(Object.keys(files).map((path) => path.split("/").at(-1) as string))];

test.each(names)("%s has the same keys and gaps in both languages", (name) => {
  const en = files[`../messages/en/${name}`] ?? {};
  const es = files[`../messages/es/${name}`] ?? {};
  expect(Object.keys(es).sort()).toEqual(Object.keys(en).sort());
  expect(Object.keys(en).length).toBeGreaterThan(0);
  const gaps = (sentence: string) => (sentence.match(/\{\w+\}/g) ?? []).sort();
  for (const [key, sentence] of Object.entries(en)) {
    expect(sentence.trim(), key).not.toBe("");
    expect(gaps(es[key] ?? ""), key).toEqual(gaps(sentence));
  }
});
