/** What packages cost, as /api/costs answers it. */

export interface Band {
  mean: number;
  median: number;
  p05: number;
  p95: number;
}

export interface Spend {
  lever: string;
  lever_label: string;
  payer: string;
  payer_label: string;
  mean: number[];
  median: number[];
  p05: number[];
  p95: number[];
  total: Band;
}

export interface Costs {
  years: number[];
  discount: number;
  unit: string;
  definition: string;
  notes: string[];
  packages: { name: string; spend: Spend[]; extra: Extra[]; ratios: Ratio[] }[];
}

export interface Extra extends Band {
  payer: string;
  payer_label: string;
}

export interface Ratio {
  outcome: string;
  label: string;
  unit_text: string;
  value: number | null;
  p05: number | null;
  p95: number | null;
  crosses_zero: boolean;
  text: string;
}
