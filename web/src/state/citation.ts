/** Who is to be named for what is shown: owners of the data first, then the simulation. */
import type { About } from "../api/types";
import type { Lang } from "./words";
import { say } from "./words";

interface Told {
  lang: Lang;
  answers: { answer: { about: About; packages: { digest: string }[] } } | null;
}

/** Return the lines that stand under a file: what was simulated, with what, and its digest. */
export function citation({ lang, answers }: Told): string[] {
  if (!answers) return [];
  const { about, packages } = answers.answer;
  const assumed = Object.entries(about.assumed).map(([name, value]) => `${name}=${value}`);
  return [
    say(lang, "cited", {
      version: about.version,
      step: about.step,
      data: about.data.slice(0, 8),
      fit: about.fit.slice(0, 8),
      draws: about.draws,
      seed: about.seed,
      digest: packages.at(-1)?.digest ?? "",
    }),
    ...(assumed.length ? [say(lang, "cited_assumed", { list: assumed.join(", ") })] : []),
  ];
}
