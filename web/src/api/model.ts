/** The structure of the model, as /api/model answers it. */

export interface Structure {
  stocks: { id: string; label: string; block: string; role_label: string; axis: string; unit: string; outcome: string | null; rate: string[] }[];
  flows: { id: string; label: string; from: string[]; to: string[]; outcome: string | null; outcome_label: string | null }[];
  blocks: { id: string; label: string; order: number; file: string; plain: string; words: string[]; words_language: string; stocks: string[]; levers: string[] }[];
  boundary: { inside: string[]; given: string[]; left_out: string[] };
  notes: string[];
}
