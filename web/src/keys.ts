// SPDX-License-Identifier: MIT
// Piano keys: which are black, which sound or are wanted now, and in what colour.
import { signal } from "@preact/signals";
import type { Report } from "./api";

export const pressed = signal<ReadonlySet<number>>(new Set());
export const awaited = signal<ReadonlySet<number>>(new Set());
/** Keys that are down and wrong; notes of the report that were missed in this practice. */
export const wrongKeys = signal<ReadonlySet<number>>(new Set());
export const faults = signal<ReadonlySet<number>>(new Set());
export const isBlack = (pitch: number): boolean => [1, 3, 6, 8, 10].includes(pitch % 12);

const names = ["C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B"];
export const nameOf = (pitch: number): string => `${names[pitch % 12]}${Math.floor(pitch / 12) - 1}`;

/** Notes that sound at a time; the report lists them by onset. */
export function soundingAt(now: Report, seconds: number): Set<number> {
  const result = new Set<number>();
  for (let i = 0; i < now.notes.length && now.notes[i]!.onset <= seconds; ++i) if (now.notes[i]!.offset > seconds) result.add(i);
  return result;
}

/** Colours of the keys that are down, or that practice waits for. */
export function keyColours(now: Report, sounding: ReadonlySet<number>, colour: (name: string) => string): Map<number, string> {
  const keys = new Map<number, string>();
  for (const i of sounding) keys.set(now.notes[i]!.pitch, colour(now.notes[i]!.hand));
  for (const p of awaited.value) keys.set(p, colour("cursor"));
  for (const p of pressed.value) keys.set(p, colour(wrongKeys.value.has(p) ? "danger" : "accent"));
  return keys;
}
