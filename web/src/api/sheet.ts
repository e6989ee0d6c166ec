/** What is known of a lever, as /api/levers/NAME/sheet answers it. */

export interface Said {
  text: string;
  cites: string[];
  model: { id: string; label: string }[];
  judgement: boolean;
  bearer?: string;
}

interface Level {
  value: number;
  year: number;
  value_text: string;
  text: string;
  cites: string[];
}

export interface LeverSheet {
  name: string;
  label: string;
  description: string;
  headings: Record<
    | "message" | "description" | "levels" | "today" | "maximum" | "targets" | "tried" | "events" | "effect" | "studies"
    | "signs" | "dynamics" | "cost" | "delays" | "side_effects" | "interactions" | "not_modelled" | "law" | "documents",
    string
  >;
  words: Record<string, string>;
  message: Said[];
  dynamics: Said[];
  today: Level;
  maximum: Level;
  targets: Level[];
  recorded: { series: string; text: string; cites: string[] }[];
  unrecorded: string;
  events: { event: string; date: string; text: string; cites: string[] }[];
  evidence: { id: string; label: string; text: string; cites: string[] };
  studies: {
    effect: string; claim: string; quantity: string; value: string; context: string; standing_label: string;
    model: string | null; verdict_label: string; why: string | null; cites: string[];
  }[];
  cost: { text: string; note: string; cites: string[] };
  waits: Said[];
  delays: { parameter: string; text: string }[];
  signs: { id: string; label: string; sign: number }[];
  side_effects: Said[];
  interactions: Said[];
  not_modelled: Said[];
  law: { label: string; text: string; cites: string[] };
  documents: { id: string; label: string; citation: string }[];
}
