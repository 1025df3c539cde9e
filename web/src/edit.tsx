// SPDX-License-Identifier: MIT
// Editing of notes: a change is seen at once and goes to the server with the history of changes, so that undo outlives a reload.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, type EditedNote, type Note, type Report, type Take } from "./api";
import { extended, known, nothing, redone, undone, untouched, type History, type Moved } from "./history";
import { nameOf } from "./keys";
import { seek, sound, time } from "./player";
import { fail, ownChange, report, reportOf, song, take, texts } from "./state";

export const editing = signal(false);
export const chosen = signal(-1);
const past = signal<History>(nothing);

const plain = ({ step, duration_steps, pitch, velocity, voice, hand }: EditedNote): EditedNote => ({ step, duration_steps, pitch, velocity, voice, hand });
const same = (a: EditedNote, b: EditedNote): boolean => (Object.keys(plain(a)) as (keyof EditedNote)[]).every((key) => a[key] === b[key]);

/** Seconds of a step, between the beats and, at their speed, behind the last. */
function secondsAt(now: Report, step: number): number {
  const at = step / now.steps_per_beat, i = Math.max(0, Math.min(now.beats.length - 2, Math.floor(at))), from = now.beats[i]!.time;
  return from + (at - i) * (now.beats[i + 1]!.time - from);
}
/** The sixteenth (or third of a beat) nearest to a time. */
const stepOf = (now: Report): number => Math.max(1, now.steps_per_beat / 4);
function stepAt(now: Report, seconds: number): number {
  const next = now.beats.findIndex((b) => b.time > seconds), i = Math.max(0, Math.min(now.beats.length - 2, next < 0 ? now.beats.length - 2 : next - 1));
  const a = now.beats[i]!.time, b = now.beats[i + 1]!.time;
  return Math.max(0, Math.round((i + (seconds - a) / (b - a)) * now.steps_per_beat / stepOf(now)) * stepOf(now));
}

let loaded = "";  // the take whose history is here: nothing is changed before
export async function loadHistory(id: string): Promise<void> {
  const kept = await api.edits(id);
  if (take.value?.id !== id) return;
  if (!ownChange.value) past.value = known(kept.history);
  loaded = id;
}

interface Change { id: string; revision: number; notes: EditedNote[] | null; history: History }
let waiting: Change | undefined;
/** One request at a time; of what changed meanwhile only the last state is sent. */
async function send(): Promise<void> {
  if (ownChange.value) return;
  ownChange.value = true;
  try {
    let edited: Take | undefined;
    while (waiting) {
      const { id, notes, history, revision }: Change = waiting;
      waiting = undefined;
      edited = await api.edit(id, { revision: edited?.id === id ? edited.revision : revision, notes, history });
      await sent(edited);
    }
  } catch (error) {
    waiting = undefined;
    fail(error);
    if (take.value) await reload(take.value.id).catch(fail);
  } finally {
    ownChange.value = false;
  }
}
async function sent(edited: Take): Promise<void> {
  if (song.value) song.value = { ...song.value, takes: song.value.takes.map((t) => (t.id === edited.id ? edited : t)) };
  const next = waiting ? null : await reportOf(edited);
  if (take.value?.id === edited.id) {
    if (next && !waiting) show(next);
    take.value = edited;
  }
  if (edited.sound === "none" && !waiting) await api.sound(edited.id);
}
/** What the server has, when it has not taken a change. */
async function reload(id: string): Promise<void> {
  const kept = await api.takeOf(id), next = await reportOf(kept);
  if (take.value?.id !== id) return;
  take.value = kept;
  if (next) report.value = next;
  past.value = known((await api.edits(id)).history);
}
addEventListener("beforeunload", (event) => { if (ownChange.value) event.preventDefault(); });

/** Another report, with the note that is chosen still chosen. */
function show(next: Report): void {
  const held = report.value?.notes[chosen.value];
  report.value = next;
  chosen.value = held ? next.notes.findIndex((n) => same(n, held)) : -1;
}
/** As reports are ordered: by onset, the melody first, from above. */
const inOrder = (a: EditedNote, b: EditedNote): number => a.step - b.step || Number(b.voice === "melody") - Number(a.voice === "melody") || b.pitch - a.pitch;
const timed = (now: Report) => (note: EditedNote): Note =>
  ({ ...plain(note), onset: secondsAt(now, note.step), offset: secondsAt(now, note.step + note.duration_steps) });

function keep(notes: EditedNote[], history: History, choose: EditedNote | undefined): void {
  const now = report.value!;
  past.value = history;
  show({ ...now, notes: [...notes].sort(inOrder).map(timed(now)) });
  if (choose) chosen.value = report.value!.notes.findIndex((n) => same(n, choose));
  waiting = { id: take.value!.id, revision: take.value!.revision, notes: untouched(history) ? null : notes.map(plain), history };
  void send();
}
function change(notes: EditedNote[], choose?: EditedNote): void {
  if (notes.length === 0 || loaded !== take.value?.id) return;
  keep(notes, extended(past.value, report.value!.notes.map(plain), notes), choose);
}
const move = (to: Moved | null): void => { if (to) keep(to.notes, to.past, undefined); };
export const undo = (): void => move(undone(past.value, report.value!.notes.map(plain)));
export const redo = (): void => move(redone(past.value, report.value!.notes.map(plain)));

/** One note as another, or gone. */
function replace(index: number, by: EditedNote | null): void {
  const notes: EditedNote[] = report.value!.notes.flatMap((note, i) => (i !== index ? [plain(note)] : by ? [plain(by)] : []));
  change(notes, by ?? undefined);
}
const onPiano = (pitch: number): number => Math.min(108, Math.max(21, pitch));

/** Where a note would go that is moved by so many seconds and semitones. */
export function movedNote(index: number, seconds: number, semitones: number): Note {
  const now = report.value!, note = now.notes[index]!;
  return timed(now)({ ...note, step: stepAt(now, note.onset + seconds), pitch: onPiano(note.pitch + semitones) });
}
export const moveBy = (index: number, seconds: number, semitones: number): void => replace(index, movedNote(index, seconds, semitones));
export function add(seconds: number, pitch: number): void {
  const now = report.value!, note: EditedNote = { step: stepAt(now, seconds), duration_steps: now.steps_per_beat, pitch: onPiano(pitch), velocity: 72, voice: "accompaniment", hand: pitch < 60 ? "left" : "right" };
  change([...now.notes.map(plain), note], note);
}
export function removeChosen(): void {
  if (!editing.value || chosen.value < 0) return;
  const at = chosen.value;
  chosen.value = -1;
  replace(at, null);
}
/** The melody between two times, by so many semitones; notes that would leave the piano stay. */
export function shiftTune(from: number, to: number, by: number): void {
  const within = (note: Note): boolean => note.voice === "melody" && note.onset >= from - 0.01 && note.onset < to - 0.01 && onPiano(note.pitch + by) === note.pitch + by;
  const notes = report.value!.notes;
  if (notes.some(within)) change(notes.map((note) => (within(note) ? { ...plain(note), pitch: note.pitch + by } : plain(note))));
}
const alter = (how: (note: Note) => Partial<EditedNote>): void => {
  const note = report.value?.notes[chosen.value];
  if (note) replace(chosen.value, { ...note, ...how(note) });
};
const swapHand = (): void => alter((note) => ({ hand: note.hand === "left" ? "right" : "left" }));
const swapVoice = (): void => alter((note) => ({ voice: note.voice === "melody" ? "accompaniment" : "melody" }));
const lengthen = (by: number): void => alter((note) => ({ duration_steps: Math.max(stepOf(report.value!), note.duration_steps + by * stepOf(report.value!)) }));

function choose(by: number): void {
  const notes = report.value!.notes, here = chosen.value >= 0 ? chosen.value + by : notes.findIndex((n) => n.onset >= time.value - 0.01), note = notes[here];
  if (!note) return;
  chosen.value = here;
  seek(note.onset);
  sound(note.pitch, note.velocity).catch(fail);
}
const alongBy = (by: number) => (): void => {
  const note = report.value?.notes[chosen.value];
  if (note) replace(chosen.value, { ...note, step: Math.max(0, note.step + by * stepOf(report.value!)) });
};
const upBy = (by: number) => (): void => alter((note) => ({ pitch: onPiano(note.pitch + by) }));
/** By keys, while notes are edited. */
export const editKeys: Record<string, () => void> = {
  ".": () => choose(1), ",": () => choose(-1), n: () => add(time.value, report.value?.notes[chosen.value]?.pitch ?? 60), Delete: removeChosen, Backspace: removeChosen,
  ArrowUp: upBy(1), ArrowDown: upBy(-1), ArrowRight: alongBy(1), ArrowLeft: alongBy(-1), "]": () => lengthen(1), "[": () => lengthen(-1), o: swapHand, v: swapVoice,
};

export function EditBar() {
  const t = texts.value, id = take.value?.ready ? take.value.id : "", note = report.value?.notes[chosen.value];
  useEffect(() => { chosen.value = -1; past.value = nothing; if (id) loadHistory(id).catch(fail); }, [id]);
  return (
    <div class={editing.value ? "edit-bar open" : "edit-bar"} role="group" aria-label={t.edit}>
      <button aria-pressed={editing.value} onClick={() => { editing.value = !editing.value; }}>{t.edit}</button>
      <button disabled={past.value.at === 0} onClick={undo}>{t.undo}</button>
      <button disabled={past.value.at === past.value.steps.length} onClick={redo}>{t.redo}</button>
      {editing.value && <>
        <button disabled={!note} onClick={removeChosen}>{t.deleteNote}</button>
        <button disabled={!note} onClick={swapHand}>{t.otherHand}</button>
        <button disabled={!note} onClick={swapVoice}>{t.otherVoice}</button>
        <span class="quiet small" role="status">{note ? `${nameOf(note.pitch)} · ${note.hand === "left" ? t.inLeft : t.inRight} · ${note.voice === "melody" ? t.melody : t.accompaniment}` : t.editHint}</span></>}
    </div>
  );
}
