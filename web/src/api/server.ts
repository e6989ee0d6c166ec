/** The server beside this page: the only address that is ever asked. */
import type { Catalogue, Code, Hint, Problem, RunAnswer, RunRequest } from "./types";

/** A request that was refused, with the one line that says why. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly problem: Pick<Problem, "code" | "detail" | "nearest">,
  ) {
    super(problem.detail);
  }
}

/** Return the JSON of an address.
 *
 * @throws Refusal with what the server said, or with status 0 where it does not answer.
 */
export async function asked<T>(path: string, lang: string, body?: unknown): Promise<T> {
  const address = `${path}${path.includes("?") ? "&" : "?"}lang=${lang}`;
  const init: RequestInit =
    body === undefined
      ? {}
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
  let response: Response;
  try {
    response = await fetch(address, init);
  } catch {
    throw new Refusal(0, { code: "", detail: "", nearest: "" });
  }
  if (!response.ok) {
    const problem = (await response.json().catch(() => ({}))) as Partial<Problem>;
    throw new Refusal(response.status, {
      code: problem.code ?? "",
      detail: problem.detail ?? response.statusText,
      nearest: problem.nearest ?? "",
    });
  }
  return (await response.json()) as T;
}

export const server = {
  catalogue: (lang: string) => asked<Catalogue>("/api/catalogue", lang),
  run: (request: RunRequest, lang: string) => asked<RunAnswer>("/api/run", lang, request),
  code: (request: RunRequest, lang: string) => asked<Code>("/api/code", lang, request),
  hints: (request: RunRequest, lang: string) => asked<Hint[]>("/api/hints", lang, request),
};
