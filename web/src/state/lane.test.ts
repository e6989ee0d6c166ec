import { expect, test } from "vitest";
import { Lane } from "./lane";

/** A server whose answers come when the test says. */
function slow() {
  const pending: { question: number; answer: (fails?: boolean) => Promise<void> }[] = [];
  const send = (question: number) =>
    new Promise<string>((resolve, reject) => {
      pending.push({
        question,
        answer: async (fails = false) => {
          if (fails) reject(new Error(`no ${question}`));
          else resolve(`a${question}`);
          await new Promise((done) => setTimeout(done));
        },
      });
    });
  return { pending, send };
}

test("of the questions asked meanwhile only the newest is sent", async () => {
  const { pending, send } = slow();
  const shown: string[] = [];
  const lane = new Lane(send, (answer) => shown.push(answer), () => shown.push("refused"));
  for (const question of [1, 2, 3, 4]) lane.ask(question);
  expect(pending.map((p) => p.question)).toEqual([1]);
  await pending[0]?.answer();
  expect(pending.map((p) => p.question)).toEqual([1, 4]);
  await pending[1]?.answer();
  expect(shown).toEqual(["a1", "a4"]);
});

test("a refusal is shown only where no newer question waits", async () => {
  const { pending, send } = slow();
  const shown: string[] = [];
  const lane = new Lane(send, (answer) => shown.push(answer), (error) => shown.push(String(error)));
  lane.ask(1);
  lane.ask(2);
  await pending[0]?.answer(true);
  await pending[1]?.answer(true);
  expect(shown).toEqual(["Error: no 2"]);
  lane.ask(3);
  await pending[2]?.answer();
  expect(shown.at(-1)).toBe("a3");
});
