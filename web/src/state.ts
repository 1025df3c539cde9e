// SPDX-License-Identifier: MIT
// What the page knows, as signals; what is chosen per device is remembered in the browser.
import { computed, signal, effect, type Signal } from "@preact/signals";
import { api, type Job, type Options, type Report, type Song, type Take, type TakeOptions } from "./api";
import { en } from "./i18n/en";
import { zh } from "./i18n/zh";

export function remembered<T>(name: string, initial: T): Signal<T> {
  const kept = localStorage.getItem(name);
  const value = signal<T>(kept === null ? initial : (JSON.parse(kept) as T));
  effect(() => localStorage.setItem(name, JSON.stringify(value.value)));
  return value;
}

export const language = remembered<"en" | "zh">("language", navigator.language.startsWith("zh") ? "zh" : "en");
export const texts = computed(() => (language.value === "zh" ? zh : en));
export const theme = remembered<"light" | "dark">("theme", matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light");
export const views = remembered("views", { score: true, roll: true, falls: false, wave: true });
export const app = document.getElementById("app")!;
// Two effects: where the language is set, even to the same, everything is styled anew.
effect(() => { document.documentElement.lang = language.value; });
effect(() => { app.dataset["theme"] = theme.value; });

export const options = signal<Options | null>(null);
export const songs = signal<Song[]>([]);
export const search = signal("");
export const song = signal<Song | null>(null);
export const take = signal<Take | null>(null);
export const report = signal<Report | null>(null);
export const jobs = signal<Record<string, Job>>({});
export const message = signal("");
export const helpOpen = signal(false);
export const busy = signal(false);
export const practising = signal(false);
/** The notes of the take are being changed by this page: news of the take are its own. */
export const ownChange = signal(false);

export const fail = (error: unknown): void => { message.value = error instanceof Error ? error.message : String(error); };
export const fill = (text: string, value: string | number): string => text.replace("{0}", String(value));

export async function refreshSongs(): Promise<void> {
  songs.value = (await api.songs(search.value)).songs;
}

export const reportOf = async (of: Take): Promise<Report | null> => (of.ready && of.files["report"] ? api.json<Report>(of.files["report"]) : null);

export async function showTake(next: Take): Promise<void> {
  const found = await reportOf(next);
  if (found) report.value = found;
  take.value = next;
  location.hash = `${next.song}/${next.id}`;
}

export async function openSong(id: string, takeId?: string): Promise<void> {
  const found = await api.song(id);
  song.value = found;
  const chosen = found.takes.find((t) => t.id === takeId) ?? found.takes.find((t) => t.ready) ?? found.takes[0];
  if (chosen?.id !== take.value?.id) report.value = null;
  if (chosen) await showTake(chosen);
}

export function closeSong(): void {
  song.value = take.value = report.value = null;
  history.replaceState(null, "", "/");
  refreshSongs().catch(fail);
}

/** A take of the open song from the one that is shown, or from the defaults. */
export async function makeTake(change: Partial<TakeOptions>): Promise<void> {
  if (!song.value) return;
  busy.value = true;
  try {
    const started = await api.take(song.value.id, { ...take.value?.options, ...change });
    song.value = started.song;
    if (started.job) jobs.value = { ...jobs.value, [started.job.id]: started.job };
    if (started.take) await showTake(started.take);
  } catch (error) {
    fail(error);
  } finally {
    busy.value = false;
  }
}

/** Another take of the open song: shown at once where no sound has to be heard again, else when its job is done. */
export async function rearrange(change: Partial<TakeOptions>): Promise<void> {
  if (take.value) await makeTake(change);
}
