/** The one state of the app: the view with its history, the catalogue, and the newest answer. */
import { Refusal, server } from "../api/server";
import type { Catalogue, Lever, Outcome, Package, RunAnswer, RunRequest, Setting } from "../api/types";
import { begin, type History, redo, step, undo } from "./history";
import { Lane } from "./lane";
import { type Origin, readLink, sameOrigin, writeLink } from "./link";
import { number } from "./numbers";
import {
  BASELINE,
  DRAGGED,
  departs,
  packageOf,
  requestOf,
  START,
  type View,
  withAssumption,
  withLever,
  withoutLever,
} from "./view";
import { type Key, type Lang, LANGS, say } from "./words";

interface Question {
  view: View;
  draws: number;
}

interface Answers {
  answer: RunAnswer;
  /** The same packages with the usual ranges of all parameters; only where some were changed. */
  usual: RunAnswer | null;
}

function preferred(asked: string | null): Lang {
  const wishes = [asked, ...navigator.languages.map((l) => l.slice(0, 2))];
  return LANGS.find((l) => wishes.find((w) => LANGS.includes(w as Lang)) === l) ?? "en";
}

class Session {
  lang: Lang = $state("en");
  catalogue: Catalogue | null = $state.raw(null);
  history: History<View> = $state.raw(begin(START));
  /** What undo and links do not yet know of: the view while a lever is dragged. */
  dragged: View | null = $state.raw(null);
  /** What was opened, from a link or the library: the second reset goes there. */
  opened: View = $state.raw(START);
  answers: Answers | null = $state.raw(null);
  refusal: Refusal | null = $state.raw(null);
  /** What a link says that this page does not understand, or the model it was made with. */
  warnings: string[] = $state.raw([]);
  /** The year that chips and sentences speak of; none: the last. */
  year: number | null = $state(null);
  baselineShown = $state(true);
  tablesShown = $state(false);

  private linked: Partial<Origin> = {};
  private lane = new Lane<Question, Answers>(
    (question) => this.send(question),
    (answers, question) => this.take(answers, question),
    (error) => this.refuse(error),
  );

  view: View = $derived(this.dragged ?? this.history.now);
  focus: number = $derived(Math.min(this.year ?? this.view.to, this.view.to));
  levers: Map<string, Lever> = $derived(new Map((this.catalogue?.levers ?? []).map((l) => [l.id, l])));
  outcomes: Map<string, Outcome> = $derived(new Map((this.catalogue?.outcomes ?? []).map((o) => [o.id, o])));
  assuming: boolean = $derived(Object.keys(this.view.assume).length > 0);
  changed: boolean = $derived(departs(packageOf(this.view)));

  /** Begin with what the address says. */
  async begin(): Promise<void> {
    const link = readLink(window.location.search);
    this.lang = preferred(link.lang);
    document.documentElement.lang = this.lang;
    this.linked = link.origin;
    this.warnings = link.refused.map((part) => this.say("link_part", { part }));
    this.open(link.view, false);
    await this.offer();
  }

  /** Return the sentence of a key in the language in force. */
  say(key: Key, gaps: Record<string, string | number> = {}): string {
    return say(this.lang, key, gaps);
  }

  /** Return a number of an outcome as it is written. */
  write(value: number, digits = 0, signed = false): string {
    return number(this.lang, value, digits, signed);
  }

  /** Speak another language. */
  async speak(lang: Lang): Promise<void> {
    this.lang = lang;
    document.documentElement.lang = lang;
    this.address();
    await this.offer();
  }

  /** Show a view and answer it with all its members; undo goes back to the one before. */
  set(view: View): void {
    this.dragged = null;
    this.history = step(this.history, view);
    this.settle();
  }

  /** Show a view while a lever moves: with few members, and without a step to undo. */
  drag(view: View): void {
    this.dragged = view;
    this.lane.ask({ view, draws: Math.min(DRAGGED, view.draws) });
  }

  setLever(setting: Partial<Setting> & { lever: string; value: number }): void {
    this.set(withLever(this.history.now, setting));
  }

  dragLever(lever: string, value: number): void {
    this.drag(withLever(this.history.now, { lever, value }));
  }

  clearLever(lever: string): void {
    this.set(withoutLever(this.history.now, lever));
  }

  assume(parameter: string, value: number | null): void {
    this.set(withAssumption(this.history.now, parameter, value));
  }

  /** Show a view as one that was opened: the second reset comes back to it. */
  open(view: View, stepping = true): void {
    this.opened = view;
    if (stepping) this.set(view);
    else {
      this.history = begin(view);
      this.settle();
    }
  }

  /** Open a package of the library or of a file; assumptions and settings stay. */
  openPackage(one: Package): void {
    this.open({ ...this.history.now, ...one });
  }

  undo(): void {
    this.dragged = null;
    this.history = undo(this.history);
    this.settle();
  }

  redo(): void {
    this.history = redo(this.history);
    this.settle();
  }

  /** Go back to the baseline; assumptions stay, they are no policy. */
  toBaseline(): void {
    this.set({ ...this.history.now, base: BASELINE, changes: [] });
  }

  /** Go back to what was opened. */
  toOpened(): void {
    this.set(this.opened);
  }

  /** Return the address that shows exactly this. */
  link(): string {
    const path = window.location.origin + window.location.pathname;
    return path + writeLink(this.history.now, this.lang, this.catalogue?.about);
  }

  private settle(): void {
    this.address();
    this.lane.ask({ view: this.history.now, draws: this.history.now.draws });
  }

  private address(): void {
    const query = writeLink(this.history.now, this.lang);
    window.history.replaceState(null, "", window.location.pathname + query);
  }

  private async offer(): Promise<void> {
    try {
      this.catalogue = await server.catalogue(this.lang);
    } catch (error) {
      this.refuse(error);
      return;
    }
    if (!sameOrigin(this.linked, this.catalogue.about)) {
      this.warnings = [...this.warnings, this.say("link_other", { version: this.linked.version ?? "?" })];
      this.linked = {};
    }
  }

  private async send({ view, draws }: Question): Promise<Answers> {
    const ask = (assumed: boolean): RunRequest => requestOf(view, draws, view.show, assumed);
    const four = view.mode === "four" && Object.keys(view.assume).length > 0;
    const [answer, usual] = await Promise.all([
      server.run(ask(true), this.lang),
      four ? server.run(ask(false), this.lang) : null,
    ]);
    return { answer, usual };
  }

  private take(answers: Answers, _question: Question): void {
    this.answers = answers;
    this.refusal = null;
    document.documentElement.dataset.ready = "yes";
    document.documentElement.dataset.digest = answers.answer.packages.map((p) => p.digest).join(" ");
    document.documentElement.dataset.draws = String(answers.answer.about.draws);
  }

  private refuse(error: unknown): void {
    this.refusal = error instanceof Refusal ? error : new Refusal(0, { code: "", detail: String(error), nearest: "" });
  }
}

export const session = new Session();
