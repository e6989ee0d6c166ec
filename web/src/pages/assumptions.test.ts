import { expect, test } from "vitest";
import type { Parameter } from "../api/types";
import { blocks, typed } from "./assumptions";

const parameter = (id: string, block: string, label: string) => ({ id, block, label }) as Parameter;
const all = [parameter("spray_kill", "farms", "Área perdida"), parameter("resow", "farms", "Resowing"), parameter("relapse", "users", "Relapse")];

test("parameters are found by block and words, without regard to accents", () => {
  expect(blocks(all, "", {}, false).map((b) => [b.block, b.parameters.length])).toEqual([["farms", 2], ["users", 1]]);
  expect(blocks(all, "area", {}, false)[0]?.parameters[0]?.id).toBe("spray_kill");
  expect(blocks(all, "", { relapse: 1 }, true).map((b) => b.block)).toEqual(["users"]);
});

test("a value outside its bounds is not taken", () => {
  expect([" ", "0.5", "2", "x"].map((t) => typed(t, [0, 1]))).toEqual([undefined, 0.5, null, null]);
});
