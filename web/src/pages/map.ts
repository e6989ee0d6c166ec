/** Departments as tiles, and the colour steps of a map. */
import type { Place } from "../api/types";

/** Where a department's tile stands: column and row. A layout that keeps neighbours together, no geography. */
export const TILES: Record<string, [number, number]> = {
  "LA GUAJIRA": [4, 0],
  MAGDALENA: [3, 1],
  CESAR: [4, 1],
  CÓRDOBA: [1, 2],
  BOLÍVAR: [2, 2],
  SANTANDER: [3, 2],
  "NORTE DE SANTANDER": [4, 2],
  CHOCÓ: [0, 3],
  ANTIOQUIA: [1, 3],
  CALDAS: [2, 3],
  BOYACÁ: [3, 3],
  ARAUCA: [4, 3],
  "VALLE DEL CAUCA": [0, 4],
  CUNDINAMARCA: [2, 4],
  META: [3, 4],
  VICHADA: [4, 4],
  CAUCA: [0, 5],
  CAQUETÁ: [2, 5],
  GUAVIARE: [3, 5],
  GUAINÍA: [4, 5],
  NARIÑO: [0, 6],
  PUTUMAYO: [1, 6],
  AMAZONAS: [3, 6],
  VAUPÉS: [4, 6],
};

export const STEPS = 5;

/** Return the step of a value, 0 (none) to STEPS, or its negative below zero, by equal parts of the largest. */
export function stepOf(value: number, largest: number): number {
  if (largest === 0 || value === 0) return 0;
  return Math.sign(value) * Math.max(1, Math.min(STEPS, Math.ceil((STEPS * Math.abs(value)) / largest)));
}

/** Return the largest figure of any department in any year shown: one scale for all years. */
export function largestOf(places: Record<string, Place>, from: number, difference: boolean): number {
  const all = Object.values(places).flatMap((p) => (difference ? (p.difference ?? []) : p.p50).slice(from));
  return Math.max(0, ...all.map(Math.abs));
}

/** Return a department's name in the letters of a sentence: NORTE DE SANTANDER, Norte de Santander. */
export function titled(name: string): string {
  return name
    .toLowerCase()
    .replace(/(^|\s)(\p{L})/gu, (_, gap: string, letter: string) => gap + letter.toUpperCase())
    .replace(/ (De|Del) /g, (word) => word.toLowerCase());
}
