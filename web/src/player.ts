// SPDX-License-Identifier: MIT
// One transport. A single media element plays the mix (song left, piano right), so that both can never drift apart; a splitter and
// gains are the balance. Where one hand is wanted, or the recording is still being made, the page's own piano plays the notes
// at the same clock. Clicks and the page's piano are scheduled ahead on the audio clock.
import { effect, signal } from "@preact/signals";
import type { Note } from "./api";
import { BrowserPiano } from "./piano";
import { practising, remembered, report, song, take } from "./state";
import { trialBeats } from "./trial";

export type Hands = "both" | "left" | "right";
export interface Loop { from: number; to: number }

export const playing = signal(false);
export const time = signal(0);  // seconds of the take
export const speed = remembered("speed", 1);
export const balance = remembered("balance", 0.5);  // 0: song alone, 1: piano alone
export const volume = remembered("volume", 1);
export const hands = signal<Hands>("both");
export const loop = signal<Loop | null>(null);
export const metronome = remembered("metronome", false);
export const countIn = remembered("count-in", false);
export const faster = remembered("faster", 0);  // per cent that each pass of a loop is faster

const kAhead = 0.25, kTick = 60;
const media = new Audio();
media.preload = "auto";
let context: AudioContext | undefined;
let piano: BrowserPiano | undefined;
let gains: { song: GainNode; pianoLeft: GainNode; songRight: GainNode; master: GainNode; page: GainNode; click: GainNode } | undefined;
let isMix = false;
let scheduled = 0;  // seconds of the take up to which notes and clicks are scheduled
let counting = 0;
let clicks = 0;

const offset = (): number => (isMix ? 0 : (take.value?.options.start ?? 0));
const pagePiano = (): boolean => !isMix || hands.value !== "both";
export const duration = (): number => report.value?.duration ?? 0;

function setUp(): AudioContext {
  if (context) return context;
  context = new AudioContext({ latencyHint: "interactive" });
  const source = context.createMediaElementSource(media), splitter = context.createChannelSplitter(2);
  const gain = (): GainNode => context!.createGain();
  gains = { song: gain(), pianoLeft: gain(), songRight: gain(), master: gain(), page: gain(), click: gain() };
  source.connect(splitter);
  splitter.connect(gains.song, 0);
  splitter.connect(gains.pianoLeft, 1);
  splitter.connect(gains.songRight, 1);
  for (const node of [gains.song, gains.pianoLeft, gains.songRight, gains.page, gains.click]) node.connect(gains.master);
  gains.master.connect(context.destination);
  piano = new BrowserPiano(context, gains.page);
  applyGains();
  return context;
}

function applyGains(): void {
  const songPart = Math.min(1, 2 * (1 - balance.value)), pianoPart = Math.min(1, 2 * balance.value);
  const level = volume.value, byPage = pagePiano();
  if (!gains || !context) return;
  const set = (node: GainNode, value: number): void => void node.gain.setTargetAtTime(value, context!.currentTime, 0.01);
  set(gains.song, isMix ? songPart : songPart / 2);
  set(gains.songRight, isMix ? 0 : songPart / 2);
  set(gains.pianoLeft, isMix && !byPage ? pianoPart : 0);
  set(gains.page, byPage ? pianoPart : 0);
  set(gains.click, 1);
  set(gains.master, level);
}

/** Seconds of the take that are heard now: what left the element minus what is still on its way to the ear. */
export function heard(): number {
  const late = context && playing.value ? (context.outputLatency || 0) * media.playbackRate : 0;
  return Math.max(0, media.currentTime - offset() - late);
}

export function seek(seconds: number): void {
  const at = Math.min(Math.max(0, seconds), Math.max(0, duration() - 0.05));
  media.currentTime = at + offset();
  time.value = at;
  scheduled = at;
  piano?.silence();
}

export async function play(): Promise<void> {
  const audio = setUp();
  await audio.resume();
  if (pagePiano()) await piano!.load();
  if (countIn.value) await count(audio);
  media.playbackRate = speed.value;
  media.preservesPitch = true;
  scheduled = media.currentTime - offset();
  await media.play();
  playing.value = true;
}

/** One bar of clicks at the song's own tempo before it begins. */
async function count(audio: AudioContext): Promise<void> {
  const now = report.value;
  if (!now || now.beats.length < 2) return;
  const next = Math.max(1, now.beats.findIndex((beat) => beat.time > time.value));
  const length = (now.beats[next]!.time - now.beats[next - 1]!.time) / speed.value, mine = ++counting;
  for (let i = 0; i < now.beats_per_bar; ++i) click(audio.currentTime + 0.05 + i * length, i === 0);
  await new Promise((done) => setTimeout(done, (0.05 + now.beats_per_bar * length) * 1000));
  if (mine !== counting) throw new DOMException("stopped", "AbortError");
}

export function pause(): void {
  ++counting;
  media.pause();
  playing.value = false;
  piano?.silence();
}
export const toggle = (): void => {
  if (playing.value) pause();
  else play().catch((error: unknown) => { if ((error as Error).name !== "AbortError") throw error; });
};

/** From here on, also where nothing played before; practice waits there. */
export function playFrom(seconds: number): void {
  seek(seconds);
  if (!playing.value && !practising.value) toggle();
}

function click(when: number, strong: boolean): void {
  ++clicks;
  const audio = context!, tone = audio.createOscillator(), shape = audio.createGain();
  tone.frequency.value = strong ? 1600 : 1100;
  shape.gain.setValueAtTime(strong ? 0.5 : 0.3, when);
  shape.gain.exponentialRampToValueAtTime(0.001, when + 0.05);
  tone.connect(shape).connect(gains!.click);
  tone.start(when);
  tone.stop(when + 0.06);
}

/** A note now, for a click on it or a key of the practice. */
export async function sound(pitch: number, velocity = 80): Promise<void> {
  const audio = setUp();
  await audio.resume();
  await piano!.load();
  gains!.page.gain.setValueAtTime(1, audio.currentTime);
  piano!.play(pitch, velocity, audio.currentTime, 0.8);
}

/** Notes now, in time with each other from `from` on, until a place is sought. */
export async function soundAll(notes: Note[], from: number): Promise<void> {
  const audio = setUp();
  await audio.resume();
  await piano!.load();
  gains!.page.gain.setValueAtTime(1, audio.currentTime);
  for (const note of notes) piano!.play(note.pitch, note.velocity, audio.currentTime + (note.onset - from) / speed.value, (note.offset - note.onset) / speed.value);
}

const wanted = (note: Note): boolean => hands.value === "both" || note.hand === hands.value;

function schedule(): void {
  const now = report.value;
  if (!now || !context || !playing.value) return;
  const here = media.currentTime - offset(), rate = media.playbackRate;
  const until = Math.min(here + kAhead * rate, loop.value?.to ?? Infinity);
  const from = Math.max(scheduled, here);
  const when = (seconds: number): number => context!.currentTime + Math.max(0, (seconds - here) / rate);
  if (pagePiano()) {
    for (const note of now.notes) {
      if (note.onset >= from && note.onset < until && wanted(note)) {
        piano!.play(note.pitch, note.velocity, when(note.onset), (note.offset - note.onset) / rate);
      }
    }
  }
  for (const beat of trialBeats.value ?? (metronome.value ? now.beats : [])) if (beat.time >= from && beat.time < until) click(when(beat.time), beat.number === 1);
  scheduled = Math.max(scheduled, until);
}

function tick(): void {
  if (!playing.value) return;
  const here = media.currentTime - offset(), around = loop.value;
  if (around && (here >= around.to || here < around.from - 1)) {
    if (faster.value && here >= around.to) speed.value = Math.min(1.5, Math.round(speed.value * 100 + faster.value) / 100);
    seek(around.from);
  }
  if (here >= duration()) { pause(); seek(around?.from ?? 0); }
  schedule();
}
setInterval(tick, kTick);
function frame(): void {
  if (playing.value) time.value = heard();
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);
media.addEventListener("pause", () => { if (playing.value) pause(); });  // by the keyboard's media keys
media.addEventListener("ended", () => { pause(); seek(loop.value?.from ?? 0); });

effect(() => { media.playbackRate = speed.value; });
effect(applyGains);
effect(() => {
  void hands.value;
  if (playing.peek() && pagePiano()) void piano?.load();
  if (context) piano?.silence();
});

// Another take or its finished recording: the same place goes on sounding.
let shown = "";
effect(() => {
  const now = take.value, mix = now?.files["mix"] ?? null;
  const address = mix ?? (now?.ready ? (song.peek()?.original ?? "") : "");
  if (address === shown) return;
  const at = now ? media.currentTime - offset() : 0, same = now && shown.length > 0;
  const was = playing.peek();
  shown = address;
  isMix = mix !== null;
  if (!address) { pause(); media.removeAttribute("src"); time.value = 0; loop.value = null; return; }
  media.src = address;
  media.playbackRate = speed.peek();
  seek(same ? at : 0);
  applyGains();
  if (was) void play();
});

/** For tests: what the transport is made of. */
export const insides = { media, heard, get context() { return context; }, get gains() { return gains; }, get mix() { return isMix; }, get clicks() { return clicks; }, get sounded() { return piano?.played ?? 0; } };
