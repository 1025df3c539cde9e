// SPDX-License-Identifier: MIT
// The page: the library, or one song with its score, roll, waveform, arrangement and transport.
import { render } from "preact";
import { useEffect, useState } from "preact/hooks";
import { api, listen, type Job, type Take } from "./api";
import { Arrangement } from "./arrange";
import { Library, Progress, take_in } from "./library";
import { CutView, cutting } from "./cut";
import { chosen, EditBar } from "./edit";
import { FallsView } from "./falls";
import { awaited, faults } from "./keys";
import { insides, loop, playing, seek, speed, time } from "./player";
import { trialBeats } from "./trial";
import { Practice } from "./practice";
import { RollView } from "./roll";
import { scoreState, ScoreView } from "./score";
import { Help, onKey } from "./shortcuts";
import { app, closeSong, fail, helpOpen, jobs, language, message, openSong, options, ownChange, rearrange, refreshSongs, report, showTake, song, take, texts, theme, views } from "./state";
import { Transport } from "./transport";
import { WaveView } from "./wave";

/** The song's title, which can be written anew: it then stands in the score as well, unless its notes were edited. */
function Title() {
  const t = texts.value, title = song.value!.title || song.value!.name, [editing, setEditing] = useState(false);
  const keep = (text: string): void => {
    setEditing(false);
    const next = text.trim(), now = take.value;
    if (!next || next === title) return;
    api.rename(song.value!.id, next).then(() => (now?.ready && now.revision === 0 ? rearrange({ title: next }) : undefined)).catch(fail);
  };
  if (editing) {
    return <input type="text" class="title" aria-label={t.title} value={title} maxLength={100} ref={(input) => input?.focus()} onBlur={(e) => keep(e.currentTarget.value)}
      onKeyDown={(e) => { if (e.key === "Enter") e.currentTarget.blur(); if (e.key === "Escape") setEditing(false); }} />;
  }
  return <><h1 class="title">{title}</h1><button class="plain rename" aria-label={t.rename} title={t.rename} onClick={() => setEditing(true)}>{t.rename}</button></>;
}

function Header() {
  const t = texts.value;
  return (
    <header class="top">
      {song.value ? <button class="plain back" onClick={closeSong}>‹ {t.back}</button> : <span class="brand"><img src="/icon.svg" alt="" width="26" height="26" />pop2piano</span>}
      {song.value && <Title key={song.value.id} />}
      <div class="top-right">
        <button class="plain" onClick={() => { language.value = language.value === "en" ? "zh" : "en"; }} lang={language.value === "en" ? "zh" : "en"}>{t.language}</button>
        <button class="plain icon-text" aria-label={t.theme} title={t.theme} onClick={() => { theme.value = theme.value === "dark" ? "light" : "dark"; }}>◐</button>
        <button class="plain icon-text" aria-label={t.shortcuts} title={t.shortcuts} onClick={() => { helpOpen.value = true; }}>?</button>
      </div>
    </header>
  );
}

/** Instead of a cover: why there is none, and the way out. */
function Failure({ error }: { error: string }) {
  const t = texts.value, id = song.value!.id, ready = song.value!.takes.find((one) => one.ready);
  return (
    <main class="making"><div class="progress" role="alert"><strong>{t.failed}</strong><p>{error}</p>
      <div class="drop-buttons">
        {ready && <button onClick={() => showTake(ready).catch(fail)}>{t.back_take}</button>}
        <button class="danger" onClick={() => api.remove(id).then(closeSong).catch(fail)}>{t.remove}</button>
        <button onClick={closeSong}>{t.back}</button></div></div></main>
  );
}

function Views() {
  const t = texts.value;
  return <div class="group views" role="group" aria-label={t.views}>
    {(["wave", "score", "roll", "falls"] as const).map((v) => <button aria-pressed={views.value[v]} onClick={() => { views.value = { ...views.value, [v]: !views.value[v] }; }}>{t[v]}</button>)}</div>;
}

function SongView() {
  const t = texts.value, now = take.value, shown = views.value;
  const job = Object.values(jobs.value).find((j) => j.take === now?.id);
  if (!now?.ready || !report.value) {
    const of = song.value!.jobs.filter((j) => j.take === (now?.id ?? "")), failed = of.find((j) => j.state === "failed");
    if (!job && failed) return <Failure error={failed.error} />;
    if (!now) return <CutView />;
    return <main class="making">{job ? <Progress job={job} /> : <p class="quiet" role="status">{t.waiting}</p>}</main>;
  }
  if (cutting.value) return <CutView />;
  return (
    <>
      <main class="song">
        <div class="stage">
          {shown.wave && <WaveView />}
          {shown.score && <ScoreView />}
          {shown.roll && <RollView />}
          {shown.falls && <FallsView />}
          <div class="tools">
            <Practice />
            <EditBar />
            <Views />
            {now.sound === "waiting" && <p class="hint" role="status">{t.soundComing}</p>}
            {now.sound === "failed" && <p class="hint" role="alert">{now.sound_error}</p>}
          </div>
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
  if (ownChange.value) return;
  if (!take.value.ready || next.revision !== take.value.revision) showTake(next).catch(fail);
  else take.value = next;
}

function start(): void {
  render(<App />, app);
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
  Object.assign(window, { pop2piano: { insides, time, playing, speed, loop, report, take, awaited, faults, trialBeats, chosen, saving: ownChange, engraved: scoreState } });
}
start();
