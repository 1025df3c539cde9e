// SPDX-License-Identifier: MIT
// The changes of a take's notes as differences: what each took away and what it put there. Undo goes back to the first of them.
import type { EditedNote } from "./api";

/** Step, steps long, pitch, velocity, 1 for the melody, 1 for the right hand. */
export type Packed = [number, number, number, number, 0 | 1, 0 | 1];
export interface Difference { gone: Packed[]; come: Packed[] }
/** `at` of the steps are done, the others undone; `dropped` were before the first. */
export interface History { steps: Difference[]; at: number; dropped: number }
export const nothing: History = { steps: [], at: 0, dropped: 0 };
export const kMostKept = 40_000;  // notes in all differences: about a megabyte, a quarter of what the server takes

const packed = (n: EditedNote): Packed => [n.step, n.duration_steps, n.pitch, n.velocity, n.voice === "melody" ? 1 : 0, n.hand === "right" ? 1 : 0];
const unpacked = ([step, duration_steps, pitch, velocity, melody, right]: Packed): EditedNote =>
  ({ step, duration_steps, pitch, velocity, voice: melody ? "melody" : "accompaniment", hand: right ? "right" : "left" });
const size = ({ gone, come }: Difference): number => gone.length + come.length;

/** Those of `notes` that are not among `others`; equal ones count one by one. */
function without(notes: Packed[], others: Packed[]): Packed[] {
  const left = new Map<string, number>();
  for (const other of others) left.set(String(other), (left.get(String(other)) ?? 0) + 1);
  return notes.filter((note) => {
    const more = left.get(String(note)) ?? 0;
    if (more > 0) left.set(String(note), more - 1);
    return more === 0;
  });
}
const applied = (notes: EditedNote[], gone: Packed[], come: Packed[]): EditedNote[] => [...without(notes.map(packed), gone), ...come].map(unpacked);

/** With one change more; what was undone before is no longer there. The oldest go when all together are too large. */
export function extended(past: History, before: EditedNote[], after: EditedNote[]): History {
  const a = before.map(packed), b = after.map(packed), steps = [...past.steps.slice(0, past.at), { gone: without(a, b), come: without(b, a) }];
  let all = steps.reduce((sum, step) => sum + size(step), 0), oldest = 0;
  while (all > kMostKept && oldest < steps.length - 1) all -= size(steps[oldest++]!);
  return { steps: steps.slice(oldest), at: steps.length - oldest, dropped: past.dropped + oldest };
}
export interface Moved { past: History; notes: EditedNote[] }
export function undone(past: History, notes: EditedNote[]): Moved | null {
  const step = past.steps[past.at - 1];
  return step ? { past: { ...past, at: past.at - 1 }, notes: applied(notes, step.come, step.gone) } : null;
}
export function redone(past: History, notes: EditedNote[]): Moved | null {
  const step = past.steps[past.at];
  return step ? { past: { ...past, at: past.at + 1 }, notes: applied(notes, step.gone, step.come) } : null;
}
/** Whether these are the notes that were arranged, all changes undone. */
export const untouched = (past: History): boolean => past.at + past.dropped === 0;

/** What the server kept, where it is a history of this kind. */
export function known(kept: unknown): History {
  const past = kept as Partial<History> | null;
  return past && Array.isArray(past.steps) && typeof past.at === "number" && typeof past.dropped === "number" ? (past as History) : nothing;
}
