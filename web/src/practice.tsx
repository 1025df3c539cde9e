// SPDX-License-Identifier: MIT
// Wait mode: the score stands at a chord until its notes have been played on a MIDI keyboard or the computer's.
import { effect, signal, untracked } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { awaited, faults, nameOf, pressed, wrongKeys } from "./keys";
import { hands, loop, pause, playing, seek, sound, soundAll, time } from "./player";
import { fail, practising, report, texts } from "./state";

const right = signal(0), wrong = signal(0), midi = signal(false), lastWrong = signal(-1);
const kTogether = 0.06;  // seconds within which notes are one chord
const computerKeys = "awsedftgyhujkolp";

/** The next chord at or after a time, of the hands that are practised. */
function chordFrom(seconds: number): { onset: number; pitches: Set<number>; indices: number[] } | null {
  const notes = report.value?.notes ?? [], mine = [...notes.keys()].filter((i) => notes[i]!.onset >= seconds - 0.001 && (hands.value === "both" || notes[i]!.hand === hands.value));
  const first = notes[mine[0] ?? -1];
  if (!first) return null;
  const indices = mine.filter((i) => notes[i]!.onset <= first.onset + kTogether);
  return { onset: first.onset, pitches: new Set(indices.map((i) => notes[i]!.pitch)), indices };
}

let stands = -1, chord: number[] = [];  // where the score waits, and for which notes of the report
/** Waits for what comes at or after a time; until then the page plays the hand that is not practised. */
function standAt(seconds: number): void {
  let from = seconds, next = chordFrom(seconds);
  if (!next) { from = loop.value?.from ?? 0; next = chordFrom(from); }
  if (!next) return;
  seek(next.onset);
  stands = time.value;
  chord = next.indices;
  awaited.value = next.pitches;
  const others = hands.value === "both" ? [] : report.value!.notes.filter((n) => n.hand !== hands.value && n.onset >= from - kTogether && n.onset < next.onset - 0.001);
  if (others.length > 0) soundAll(others, from).catch(fail);
}

/** A key went down. Where `anyOctave`, any note of the same name is right: the computer's keyboard has no octaves. */
export function press(pitch: number, velocity: number, anyOctave: boolean): void {
  pressed.value = new Set([...pressed.value, pitch]);
  const hit = [...awaited.value].filter((p) => p === pitch || (anyOctave && (p - pitch) % 12 === 0));
  if (hit.length === 0) {
    ++wrong.value;
    lastWrong.value = pitch;
    wrongKeys.value = new Set([...wrongKeys.value, pitch]);
    faults.value = new Set([...faults.value, ...chord.filter((i) => awaited.value.has(report.value!.notes[i]!.pitch))]);
    void sound(pitch, velocity).catch(fail);
    return;
  }
  ++right.value;
  lastWrong.value = -1;
  const rest = new Set([...awaited.value].filter((p) => !hit.includes(p)));
  if (rest.size > 0) awaited.value = rest;
  else if (loop.value && time.value + kTogether >= loop.value.to) standAt(loop.value.from);
  else standAt(time.value + kTogether + 0.002);
  void sound(pitch, velocity).catch(fail);
}
export const release = (pitch: number): void => {
  const without = (keys: ReadonlySet<number>): Set<number> => new Set([...keys].filter((p) => p !== pitch));
  pressed.value = without(pressed.value);
  wrongKeys.value = without(wrongKeys.value);
};
const kTouch = 250;  // milliseconds that a touched key stays down
/** A key of the page's own keyboards. */
export function touch(pitch: number): void {
  if (!practising.value) { void sound(pitch).catch(fail); return; }
  press(pitch, 80, false);
  setTimeout(() => release(pitch), kTouch);
}

function onKey(event: KeyboardEvent): void {
  const at = computerKeys.indexOf(event.key.toLowerCase());
  if (at < 0 || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.type === "keydown") press(60 + at, 80, true);
  else release(60 + at);
}

/** Where the place, the hands or the notes change, the score waits there; where it plays, it waits for nothing. */
function follow(): void {
  const at = time.value;
  void hands.value;
  void report.value;
  if (playing.value) { stands = -1; if (awaited.peek().size > 0) awaited.value = new Set(); return; }
  untracked(() => { if (at !== stands || hands.value !== handsThen || report.value !== notesThen) { handsThen = hands.value; notesThen = report.value; standAt(at); } });
}
let handsThen = hands.peek(), notesThen = report.peek();

async function connect(): Promise<() => void> {
  if (!navigator.requestMIDIAccess) return () => {};
  const access = await navigator.requestMIDIAccess();
  const attach = (): void => {
    midi.value = access.inputs.size > 0;
    access.inputs.forEach((input) => {
      input.onmidimessage = ({ data }) => {
        const [status = 0, pitch = 0, velocity = 0] = data ?? [];
        if ((status & 0xf0) === 0x90 && velocity > 0) press(pitch, velocity, false);
        else if ((status & 0xe0) === 0x80) release(pitch);
      };
    });
  };
  attach();
  access.onstatechange = attach;
  return () => { access.onstatechange = null; access.inputs.forEach((input) => { input.onmidimessage = null; }); };
}

function Running() {
  const t = texts.value;
  useEffect(() => {
    pause();
    right.value = wrong.value = 0;
    lastWrong.value = stands = -1;
    addEventListener("keydown", onKey);
    addEventListener("keyup", onKey);
    const stop = effect(follow);
    let ended = false, disconnect = (): void => {};
    connect().then((end) => { if (ended) end(); else disconnect = end; }, () => { midi.value = false; });
    return () => {
      ended = true;
      stop();
      disconnect();
      removeEventListener("keydown", onKey);
      removeEventListener("keyup", onKey);
      awaited.value = pressed.value = wrongKeys.value = faults.value = new Set();
    };
  }, []);
  const named = (pitches: Iterable<number>): string => [...pitches].sort((a, b) => a - b).map(nameOf).join(" ");
  return <div class="practice-state">
    <span role="status"><strong>{right.value}</strong> {t.right} · <strong>{wrong.value}</strong> {t.wrong}
      {awaited.value.size > 0 && <> · {t.waitsFor} <strong>{named(awaited.value)}</strong></>}
      {lastWrong.value >= 0 && <span class="wrong-key"> · {t.notThis} {nameOf(lastWrong.value)}</span>}</span>
    <span class="quiet small"> · {midi.value ? t.midiOn : t.midiOff}</span>
    <p class="quiet small">{t.practiseHint}</p></div>;
}

/** What is done with the score as a whole: practise, edit, hide views. */
export function Practice() {
  return <><button aria-pressed={practising.value} onClick={() => { practising.value = !practising.value; }}>{texts.value.practise}</button>
    {practising.value && <Running />}</>;
}
