// SPDX-License-Identifier: MIT
// Wait mode: the score stands at a chord until its notes have been played on a MIDI keyboard or the computer's.
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { awaited, pressed } from "./keys";
import { hands, loop, pause, seek, sound, time } from "./player";
import { fail, report, texts } from "./state";

export const practising = signal(false);
const right = signal(0), wrong = signal(0), midi = signal(false);
const kTogether = 0.06;  // seconds within which notes are one chord
const computerKeys = "awsedftgyhujkolp";

/** The next chord at or after a time, of the hands that are practised. */
function chordFrom(seconds: number): { onset: number; pitches: Set<number> } | null {
  const notes = (report.value?.notes ?? []).filter((n) => n.onset >= seconds - 0.001 && (hands.value === "both" || n.hand === hands.value));
  const first = notes[0];
  return first ? { onset: first.onset, pitches: new Set(notes.filter((n) => n.onset <= first.onset + kTogether).map((n) => n.pitch)) } : null;
}

function standAt(seconds: number): void {
  const next = chordFrom(seconds) ?? chordFrom(loop.value?.from ?? 0);
  if (!next) return;
  seek(next.onset);
  awaited.value = next.pitches;
}

/** A key went down. The computer's keyboard has no octaves: there any note of the same name is right. */
export function press(pitch: number, velocity: number, anyOctave: boolean): void {
  void sound(pitch, velocity).catch(fail);
  pressed.value = new Set([...pressed.value, pitch]);
  const hit = [...awaited.value].filter((p) => p === pitch || (anyOctave && (p - pitch) % 12 === 0));
  if (hit.length === 0) { ++wrong.value; return; }
  ++right.value;
  const rest = new Set([...awaited.value].filter((p) => !hit.includes(p)));
  if (rest.size > 0) { awaited.value = rest; return; }
  const after = time.value + kTogether + 0.002;
  standAt(loop.value && after >= loop.value.to ? loop.value.from : after);
}
export const release = (pitch: number): void => { pressed.value = new Set([...pressed.value].filter((p) => p !== pitch)); };

function onKey(event: KeyboardEvent): void {
  const at = computerKeys.indexOf(event.key.toLowerCase());
  if (at < 0 || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.type === "keydown") press(60 + at, 80, true);
  else release(60 + at);
}

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
    standAt(time.peek());
    addEventListener("keydown", onKey);
    addEventListener("keyup", onKey);
    let ended = false, disconnect = (): void => {};
    connect().then((end) => { if (ended) end(); else disconnect = end; }, () => { midi.value = false; });
    return () => { ended = true; disconnect(); removeEventListener("keydown", onKey); removeEventListener("keyup", onKey); awaited.value = pressed.value = new Set(); };
  }, []);
  return <div class="practice-state" role="status"><strong>{right.value}</strong> {t.right} · <strong>{wrong.value}</strong> {t.wrong} · <span class="quiet">{midi.value ? t.midiOn : t.midiOff}</span>
    <p class="quiet small">{t.practiseHint}</p></div>;
}

export function Practice() {
  return <div class="practice"><button aria-pressed={practising.value} onClick={() => { practising.value = !practising.value; }}>{texts.value.practise}</button>
    {practising.value && <Running />}</div>;
}
