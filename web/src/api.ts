// SPDX-License-Identifier: MIT
// The server's API (docs/reference/openapi.json), typed as far as the page reads it.
export interface TakeOptions {
  start: number; end: number | null; tempo_times: number; downbeat: number | null; beats_per_bar: number | null;
  style: string; level: number; hands: string; key: string | null; transpose: number | null; fingering: boolean; seed: number; temperature: number; title: string;
  sections: Record<string, string>; again: { bars: [number, number]; seed: number }[];
}
export interface Summary { style: string; level: number; key: string | null; tempo: number; beats_per_bar: number; notes: number; bars: number; duration: number; title: string }
export interface Take {
  id: string; song: string; options: TakeOptions; created: number; name: string; revision: number; ready: boolean;
  sound: "none" | "waiting" | "ready" | "failed"; sound_error: string; summary: Summary; files: Record<string, string | null>;
}
export interface Job {
  id: string; kind: string; song: string; take: string; state: "waiting" | "running" | "done" | "failed" | "cancelled";
  position: number; stage: string; percent: number; seconds_left: number | null; error: string;
}
export interface Song {
  id: string; name: string; title: string; artist: string; duration: number | null; tempo: number | null; key: string | null;
  used: number; peaks: string | null; original: string; takes: Take[]; jobs: Job[];
}
export interface Started { song: Song; take: Take | null; job: Job | null }
export interface Options {
  version: string; styles: string[]; levels: { value: number; name: string }[]; hands: string[]; keys: string[]; tempo_times: number[];
  beats_per_bar: { least: number; most: number }; example: boolean; can: Record<string, boolean>;
}
export interface Note {
  onset: number; offset: number; step: number; duration_steps: number; pitch: number; velocity: number;
  voice: "melody" | "accompaniment"; hand: "left" | "right";
}
export interface Report {
  title: string; duration: number; beats_per_bar: number; steps_per_beat: number; notes: Note[];
  beats: { time: number; number: number; confidence: number }[]; bars: { time: number; beat: number; beat_confidence: number }[];
  sections: { beat: number; letter: string }[]; plan: { bars: [number, number]; section: string; style: string }[];
}
export interface Peaks { per_second: number; duration: number; peaks: number[] }
export interface Instrument { url: string; seconds_each: number; notes: { pitch: number; velocity: number; start: number }[] }
export type EditedNote = Pick<Note, "step" | "duration_steps" | "pitch" | "velocity" | "voice" | "hand">;
export interface Edits { revision: number; notes: EditedNote[] | null; history: unknown }

const base = "/api/v1";

async function ask<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(path.startsWith("/api/") ? path : base + path, init);
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Error(problem.detail ?? `${answer.status} ${answer.statusText}`);
  }
  return (answer.status === 204 ? undefined : await answer.json()) as T;
}
const sent = (method: string, body: unknown): RequestInit => ({ method, headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });

export const api = {
  options: () => ask<Options>("/options"),
  songs: (words: string) => ask<{ songs: Song[]; next: string | null }>(`/songs?limit=100&q=${encodeURIComponent(words)}`),
  song: (id: string) => ask<Song>(`/songs/${id}`),
  upload: (file: File, start: boolean) => ask<Started>(start ? "/songs" : "/songs?start=no", {
    method: "POST", body: file, headers: { "Content-Type": "application/octet-stream", "X-File-Name": encodeURIComponent(file.name) },
  }),
  example: () => ask<Started>("/songs/example", { method: "POST" }),
  rename: (id: string, title: string) => ask<Song>(`/songs/${id}`, sent("PATCH", { title })),
  remove: (id: string) => ask<void>(`/songs/${id}`, { method: "DELETE" }),
  take: (song: string, options: Partial<TakeOptions>) => ask<Started>(`/songs/${song}/takes`, sent("POST", options)),
  takeOf: (id: string) => ask<Take>(`/takes/${id}`),
  cancel: (job: string) => ask<Job>(`/jobs/${job}`, { method: "DELETE" }),
  sound: (take: string) => ask<Started>(`/takes/${take}/sound`, { method: "POST" }),
  edits: (take: string) => ask<Edits>(`/takes/${take}/edits`),
  edit: (take: string, edits: Edits) => ask<Take>(`/takes/${take}/edits`, sent("PUT", edits)),
  json: <T>(path: string) => ask<T>(path),
  text: async (path: string) => (await fetch(path)).text(),
  instrument: () => ask<Instrument>("/instrument"),
};

export interface Events { hello: () => void; job: (job: Job) => void; take: (take: Take) => void; song: (song: Song) => void; gone: (what: { song?: string; take?: string }) => void }
/** The tab's one stream. It connects again by itself and then sends the state anew. */
export function listen(events: Events): void {
  const stream = new EventSource(`${base}/events`);
  for (const name of Object.keys(events) as (keyof Events)[]) {
    stream.addEventListener(name, (event) => events[name](JSON.parse((event as MessageEvent<string>).data)));
  }
}
