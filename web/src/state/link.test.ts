import { expect, test } from "vitest";
import { readLink, readSetting, sameOrigin, writeLink, writeSetting } from "./link";
import { START, type View } from "./view";

const view: View = {
  ...START,
  base: "eradication-led",
  changes: [
    { lever: "aerial_spraying", value: 60000, year: 2027, ramp: 2, departments: ["NARIÑO", "NORTE DE SANTANDER"] },
    { lever: "payment_reliability", value: 0.1 + 0.2 },
  ],
  assume: { spray_kill: 0.1 },
  seed: 7,
  mode: "four",
  show: ["us_deaths", "coca_area"],
  beside: [{ base: "substitution-led", changes: [{ lever: "rural_roads", value: 1e9, year: 2030 }] }],
};

test("a link gives back the very view it was made from", () => {
  const link = readLink(writeLink(view, "es", { version: "1", step: "abc", data: "def" }));
  expect(link.view).toEqual(view);
  expect(link).toMatchObject({ lang: "es", refused: [], origin: { version: "1", step: "abc", data: "def" } });
});

test("a link holds only what differs from the start", () => {
  expect(writeLink(START, "en")).toBe("?lang=en");
  expect(readLink("").view).toEqual(START);
});

test("settings are written as on the command line, places after a tilde", () => {
  expect(writeSetting(view.changes[0]!)).toBe("aerial_spraying:60000@2027+2~NARIÑO.NORTE DE SANTANDER");
  expect(readSetting("aerial_spraying:1e5")).toEqual({ lever: "aerial_spraying", value: 100000 });
  expect(readLink("?set=aerial_spraying:60000@2027+2").view.changes).toEqual([
    { lever: "aerial_spraying", value: 60000, year: 2027, ramp: 2 },
  ]);
  expect(readSetting("aerial_spraying")).toBeNull();
  expect(readSetting("aerial_spraying:many")).toBeNull();
});

test("what is not understood is told, and the rest is kept", () => {
  const link = readLink("?set=nonsense&set=rural_roads:5&assume=x&draws=many&mode=wild&to=2030");
  expect(link.refused.toSorted()).toEqual(["assume=x", "draws=many", "mode=wild", "set=nonsense"]);
  expect(link.view).toMatchObject({ to: 2030, draws: START.draws, mode: "level", changes: [{ lever: "rural_roads", value: 5 }] });
});

test("a link of another model or of other data is known", () => {
  const here = { version: "2", step: "abc", data: "0123456789" };
  expect(sameOrigin({}, here)).toBe(true);
  expect(sameOrigin({ version: "1", step: "abc", data: "01234" }, here)).toBe(true);
  expect(sameOrigin({ step: "other" }, here)).toBe(false);
  expect(sameOrigin({ step: "abc", data: "99" }, here)).toBe(false);
});
