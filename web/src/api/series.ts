/** The evidence base, as /api/series and /api/trace answer it. */

export interface SeriesSummary {
  id: string;
  theme: string;
  label: string;
  unit: string;
  years: [string, string];
  n: number;
  entities: number;
  worst: string;
}

export interface Figure {
  entity: string;
  year: string;
  value: number | null;
  unit: string;
  sources: string[];
  quality: string;
  note: string;
}

export interface Source {
  id: string;
  owner: string;
  title: string;
  date: string;
  url: string;
  licence: string;
}

export interface Series extends SeriesSummary {
  definition: string;
  as_of: string;
  money_year: number | null;
  entity: string;
  places: string[];
  values: Figure[];
  rivals: Record<string, Figure[]>;
  known_errors: { entity: string; year: string; action: string; reason: string; source: string }[];
  sources: Source[];
}

export interface TraceNode {
  kind: string;
  name: string;
  title?: Record<string, string>;
  text?: string;
  note?: string;
  known?: string;
  dead_end?: string;
  children?: TraceNode[];
}

export interface Trace {
  name: string;
  kind: string;
  tree: TraceNode;
  sources: Record<string, Omit<Source, "id">>;
}
