/** What the server answers; requests and simulated answers are generated from /openapi.json. */
import type { components } from "./schema";

type Schemas = components["schemas"];
export type RunAnswer = Schemas["RunAnswer"];
export type PackageAnswer = Schemas["PackageAnswer"];
export type OutcomeAnswer = Schemas["OutcomeAnswer"];
export type Fan = Schemas["Fan"];
export type Place = Schemas["Place"];
export type About = Schemas["About"];
export type Code = Schemas["Code"];
export type Problem = Schemas["Problem"];

/** A lever set by hand. */
export interface Setting {
  lever: string;
  value: number;
  year?: number;
  ramp?: number;
  departments?: string[];
}

/** A scenario of the library and the changes made to it. */
export interface Package {
  base: string;
  changes: Setting[];
}

export interface RunRequest {
  packages: Package[];
  assume?: Record<string, number>;
  draws?: number;
  seed?: number;
  to?: number;
  structures?: string;
  owner?: string;
  outcomes?: string[];
  regional?: string[];
  sequence?: number;
}

export type Evidence = "data" | "literature" | "judgement";

export interface Target {
  value: number;
  year: number;
  text: string;
}

export interface Lever {
  id: string;
  label: string;
  description: string;
  actor: string;
  group: string;
  unit: string;
  unit_text: string;
  range: [number, number];
  departmental: boolean;
  today: number;
  baseline: number[];
  maximum: { value: number; year: number; note: string };
  targets: Target[];
  cost: {
    value: number;
    low: number;
    high: number;
    unit: string;
    known: string;
    payer: Record<string, number>;
    note: string;
  };
  legal: { status: string; text: string };
  evidence: Evidence;
  evidence_note: string;
}

export interface Observed {
  series: string;
  label: string;
  short: string;
  points: [number, number][];
}

export interface Outcome {
  id: string;
  label: string;
  definition: string;
  unit: string;
  unit_text: string;
  scale: number;
  digits: number;
  kind: string;
  regional: boolean;
  report: boolean;
  observed: Observed[];
}

export interface Parameter {
  id: string;
  label: string;
  block: string;
  unit: string;
  bounds: [number, number];
  prior: { family: string; median?: number | null; low?: number | null; high?: number | null };
  known: string;
  fitted: boolean;
  sources: string[];
}

export interface ScenarioLine {
  start: number;
  to: number | null;
  value: number;
  ramp: number;
  departments: string[];
  kind: string;
  text: Record<string, string>;
}

export interface LibraryScenario {
  id: string;
  title: string;
  question: string;
  description: string;
  aliases: string[];
  levers: Record<string, ScenarioLine[]>;
}

export interface Catalogue {
  about: { version: string; step: string; data: string; calibration: string };
  years: { first: number; decision: number; usual_end: number; last: number };
  levers: Lever[];
  outcomes: Outcome[];
  parameters: Parameter[];
  departments: string[];
  scenarios: LibraryScenario[];
  structures: string[];
}

export interface Hint {
  kind: string;
  levers: string[];
  text: string;
}
