// SPDX-License-Identifier: MIT
// The page: the library, or one song with its score, roll, waveform, arrangement and transport.
import { render } from "preact";
import { useEffect } from "preact/hooks";
import { api, listen, type Job, type Take } from "./api";
import { Arrangement } from "./arrange";
import { Library, Progress, take_in } from "./library";
import { insides, loop, playing, seek, speed, time } from "./player";
import { Practice } from "./practice";
import { awaited, RollView } from "./roll";
import { ScoreView } from "./score";
import { Help, onKey } from "./shortcuts";
import { closeSong, fail, helpOpen, jobs, language, message, openSong, options, refreshSongs, report, showTake, song, take, texts, theme, views } from "./state";
import { Transport } from "./transport";
import { WaveView } from "./wave";

function Header() {
  const t = texts.value;
  return (
    <header class="top">
      {song.value ? <button class="plain back" onClick={closeSong}>‹ {t.back}</button> : <span class="brand"><img src="/icon.svg" alt="" width="26" height="26" />pop2piano</span>}
      {song.value && <h1 class="title">{song.value.title || song.value.name}</h1>}
      <div class="top-right">
        <button class="plain" onClick={() => { language.value = language.value === "en" ? "zh" : "en"; }} lang={language.value === "en" ? "zh" : "en"}>{t.language}</button>
        <button class="plain icon-text" aria-label={t.theme} title={t.theme} onClick={() => { theme.value = theme.value === "dark" ? "light" : "dark"; }}>◐</button>
        <button class="plain icon-text" aria-label={t.shortcuts} title={t.shortcuts} onClick={() => { helpOpen.value = true; }}>?</button>
      </div>
    </header>
  );
}

function SongView() {
  const t = texts.value, now = take.value, shown = views.value;
  const job = Object.values(jobs.value).find((j) => j.take === now?.id);
  if (!now?.ready || !report.value) {
    return <main class="making">{job ? <Progress job={job} /> : <p class="quiet" role="status">{t.waiting}</p>}</main>;
  }
  return (
    <>
      <main class="song">
        <div class="stage">
          {shown.wave && <WaveView />}
          {now.sound === "waiting" && <p class="hint" role="status">{t.soundComing}</p>}
          {now.sound === "failed" && <p class="hint" role="alert">{now.sound_error}</p>}
          {shown.score && <ScoreView />}
          {shown.roll && <RollView />}
          <Practice />
        </div>
        <Arrangement />
      </main>
      <Transport />
    </>
  );
}

function App() {
  useEffect(() => {
    addEventListener("keydown", onKey);
    const stop = (e: DragEvent): void => e.preventDefault();
    const drop = (e: DragEvent): void => { if (!e.defaultPrevented) { e.preventDefault(); void take_in(e.dataTransfer?.files ?? []); } };
    addEventListener("dragover", stop);
    addEventListener("drop", drop);
    return () => { removeEventListener("keydown", onKey); removeEventListener("dragover", stop); removeEventListener("drop", drop); };
  }, []);
  return (
    <>
      <Header />
      {message.value && <div class="message" role="alert">{message.value}<button class="plain" onClick={() => { message.value = ""; }}>{texts.value.close}</button></div>}
      {song.value ? <SongView /> : <Library />}
      <Help />
    </>
  );
}

function onJob(job: Job): void {
  const rest = { ...jobs.value };
  if (job.state === "waiting" || job.state === "running") rest[job.id] = job;
  else delete rest[job.id];
  jobs.value = rest;
  if (job.state === "failed") message.value = job.error;
  if (job.state === "cancelled" && job.song === song.value?.id && !take.value?.ready) closeSong();
}

/** News of the take that is shown: another score where it was made or edited, else only the state of its sound. */
function onTake(next: Take): void {
  if (next.id !== take.value?.id) return;
  if (!take.value.ready || next.revision !== take.value.revision) showTake(next).catch(fail);
  else take.value = next;
}

function start(): void {
  render(<App />, document.getElementById("app")!);
  api.options().then((o) => { options.value = o; }).catch(fail);
  const [id, takeId, bar] = location.hash.slice(1).split("/");
  const toBar = (): void => { const at = report.value?.bars[Number(bar) - 1]; if (at) seek(Math.max(0, at.time)); };
  if (id) openSong(id, takeId).then(toBar, () => closeSong());
  let greeted = false;
  listen({
    // After a lost connection what was said meanwhile is asked for.
    hello: () => {
      const open = song.value?.id;
      if (greeted && open) api.song(open).then((next) => { if (song.value?.id === open) { song.value = next; next.takes.forEach(onTake); } }, fail);
      else if (greeted) refreshSongs().catch(fail);
      greeted = true;
    },
    job: onJob,
    take: (next) => {
      onTake(next);
      if (song.value?.id === next.song) song.value = { ...song.value, takes: song.value.takes.map((t) => (t.id === next.id ? next : t)) };
    },
    song: (next) => { if (next.id === song.value?.id) song.value = next; refreshSongs().catch(fail); },
    gone: (what) => { if (what.song && what.song === song.value?.id) closeSong(); else refreshSongs().catch(fail); },
  });
  if ("serviceWorker" in navigator) navigator.serviceWorker.register("/sw.js").catch(() => {});
  Object.assign(window, { pop2piano: { insides, time, playing, speed, loop, report, take, awaited } });
}
start();
