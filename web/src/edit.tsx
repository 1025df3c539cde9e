// SPDX-License-Identifier: MIT
// Editing of notes: every change goes to the server with the history of changes, so that undo outlives a reload.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { api, type EditedNote, type Note, type Report } from "./api";
import { fail, report, showTake, song, take, texts } from "./state";

interface History { undo: (EditedNote[] | null)[]; redo: (EditedNote[] | null)[] }
const kKept = 50;
export const editing = signal(false);
export const chosen = signal(-1);
const past = signal<History>({ undo: [], redo: [] });
let present: EditedNote[] | null = null;
let saving: Promise<void> = Promise.resolve();

const plain = ({ step, duration_steps, pitch, velocity, voice, hand }: Note): EditedNote => ({ step, duration_steps, pitch, velocity, voice, hand });
const current = (): EditedNote[] => report.value!.notes.map(plain);

export async function loadHistory(id: string): Promise<void> {
  const kept = await api.edits(id);
  present = kept.notes;
  past.value = (kept.history as History | null) ?? { undo: [], redo: [] };
}

function save(notes: EditedNote[] | null, next: History): void {
  present = notes;
  past.value = next;
  saving = saving.then(async () => {
    const now = take.value!;
    const edited = await api.edit(now.id, { revision: now.revision, notes, history: next });
    if (song.value) song.value = { ...song.value, takes: song.value.takes.map((t) => (t.id === edited.id ? edited : t)) };
    await showTake(edited);
    if (edited.sound === "none") await api.sound(edited.id);
  }).catch(fail);
}

function change(notes: EditedNote[]): void {
  save(notes, { undo: [...past.value.undo, present].slice(-kKept), redo: [] });
}
export function undo(): void {
  const { undo: before, redo } = past.value;
  if (before.length > 0) save(before[before.length - 1]!, { undo: before.slice(0, -1), redo: [...redo, present] });
}
export function redo(): void {
  const { undo: before, redo: after } = past.value;
  if (after.length > 0) save(after[after.length - 1]!, { undo: [...before, present], redo: after.slice(0, -1) });
}

/** The sixteenth (or third of a beat) nearest to a time. */
function stepAt(now: Report, seconds: number): number {
  const beats = now.beats, i = Math.max(0, Math.min(beats.length - 2, beats.findIndex((b) => b.time > seconds) - 1));
  const a = beats[i]!.time, b = beats[i + 1]!.time, quarter = Math.max(1, now.steps_per_beat / 4);
  return Math.max(0, Math.round((i + (seconds - a) / (b - a)) * now.steps_per_beat / quarter) * quarter);
}

export function moveTo(index: number, seconds: number, pitch: number): void {
  const notes = current(), step = stepAt(report.value!, seconds);
  notes[index] = { ...notes[index]!, step, pitch: Math.min(108, Math.max(21, pitch)) };
  change(notes);
}
export function add(seconds: number, pitch: number): void {
  const now = report.value!;
  change([...current(), { step: stepAt(now, seconds), duration_steps: now.steps_per_beat, pitch, velocity: 72, voice: "accompaniment", hand: pitch < 60 ? "left" : "right" }]);
}
export function removeChosen(): void {
  if (!editing.value || chosen.value < 0) return;
  const at = chosen.value;
  chosen.value = -1;
  change(current().filter((_, i) => i !== at));
}
/** The melody between two times, by so many semitones; notes that would leave the piano stay. */
export function shiftTune(from: number, to: number, by: number): void {
  const now = report.value!, notes = current();
  let moved = 0;
  now.notes.forEach((note, i) => {
    const pitch = note.pitch + by;
    if (note.voice !== "melody" || note.onset < from - 0.01 || note.onset >= to - 0.01 || pitch < 21 || pitch > 108) return;
    notes[i] = { ...notes[i]!, pitch };
    ++moved;
  });
  if (moved > 0) change(notes);
}
function swapHand(): void {
  if (chosen.value < 0) return;
  const notes = current(), note = notes[chosen.value]!;
  notes[chosen.value] = { ...note, hand: note.hand === "left" ? "right" : "left" };
  change(notes);
}

export function EditBar() {
  const t = texts.value, id = take.value?.ready ? take.value.id : "";
  useEffect(() => { chosen.value = -1; if (id) loadHistory(id).catch(fail); }, [id]);
  return (
    <div class="edit-bar" role="group" aria-label={t.edit}>
      <button aria-pressed={editing.value} onClick={() => { editing.value = !editing.value; }}>{t.edit}</button>
      <button disabled={past.value.undo.length === 0} onClick={undo}>{t.undo}</button>
      <button disabled={past.value.redo.length === 0} onClick={redo}>{t.redo}</button>
      {editing.value && <>
        <button disabled={chosen.value < 0} onClick={removeChosen}>{t.deleteNote}</button>
        <button disabled={chosen.value < 0} onClick={swapHand}>{t.otherHand}</button>
        <span class="quiet small">{t.editHint}</span></>}
    </div>
  );
}
