// SPDX-License-Identifier: MIT
// Other beats than those that were found, to be heard as clicks over the song before the cover is made anew on them.
import { computed, signal } from "@preact/signals";
import type { Report, TakeOptions } from "./api";
import { report, take } from "./state";

export interface Trial { tempo_times: number; beats_per_bar: number | null; later: number }
export interface Click { time: number; number: number }
export const trial = signal<Trial | null>(null);

/** How many beats of the trial one beat of the take is. */
const ratio = (wish: Trial): number => wish.tempo_times / (take.value?.options.tempo_times ?? 1);
const metreOf = (now: Report, wish: Trial): number => wish.beats_per_bar ?? now.beats_per_bar;

/** Beats between those of the take, or some of them, counted from a first one that is so many beats later. */
function beatsOf(now: Report, wish: Trial): Click[] {
  const times = now.beats.map((b) => b.time), first = Math.max(0, now.beats.findIndex((b) => b.number === 1)), more = ratio(wish), metre = metreOf(now, wish);
  const all = more >= 1
    ? times.flatMap((time, i) => Array.from({ length: more }, (_, k) => (i + 1 < times.length || k === 0 ? time + (k / more) * ((times[i + 1] ?? time) - time) : NaN)).filter((t) => !Number.isNaN(t)))
    : times.filter((_, i) => (i - first) % Math.round(1 / more) === 0);
  const one = Math.max(0, all.findIndex((time) => time >= times[first]!)) + wish.later;
  return all.map((time, i) => ({ time, number: ((((i - one) % metre) + metre) % metre) + 1 }));
}
export const trialBeats = computed(() => (trial.value && report.value ? beatsOf(report.value, trial.value) : null));

/** Another wish beside those that are tried already, or that the take was made with. */
export function trying(change: Partial<Trial>): void {
  const has = take.value!.options;
  trial.value = { ...(trial.value ?? { tempo_times: has.tempo_times, beats_per_bar: has.beats_per_bar, later: 0 }), ...change };
}

/** As options of a take. A first beat is only told where it was moved. */
export function asOptions(wish: Trial): Partial<TakeOptions> {
  const first = trialBeats.value?.find((b) => b.number === 1);
  return { tempo_times: wish.tempo_times, beats_per_bar: wish.beats_per_bar, ...(wish.later !== 0 && first ? { downbeat: Math.max(0, first.time) } : {}) };
}
