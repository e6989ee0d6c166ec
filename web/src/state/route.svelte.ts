/** Which page is shown; addresses are plain paths, so that every page can be linked to. */

export const PAGES = [
  "simulate",
  "compare",
  "costs",
  "map",
  "assumptions",
  "library",
  "evidence",
  "backtest",
  "model",
] as const;
export type Page = (typeof PAGES)[number];

function read(path: string): { page: Page; rest: string } {
  const [, first = "", rest = ""] = path.split("/");
  return { page: PAGES.find((p) => p === first) ?? "simulate", rest: decodeURIComponent(rest) };
}

class Route {
  page: Page = $state("simulate");
  /** What is named after the page: a series of Evidence, a block of Model. */
  rest = $state("");

  constructor() {
    this.take();
    window.addEventListener("popstate", () => this.take());
  }

  /** Show a page; what the address says after it stays. */
  go(page: Page, rest = ""): void {
    const path = `/${page}${rest ? `/${encodeURIComponent(rest)}` : ""}`;
    window.history.pushState(null, "", path + window.location.search);
    this.take();
    window.scrollTo(0, 0);
  }

  private take(): void {
    Object.assign(this, read(window.location.pathname));
  }
}

export const route = new Route();
