// SPDX-License-Identifier: MIT
// The first view: a place to drop songs, what is being made, the songs that are there.
import { useEffect, useState } from "preact/hooks";
import { api, type Job, type Song } from "./api";
import { askPart } from "./cut";
import { fail, fill, jobs, openSong, options, refreshSongs, search, songs, texts } from "./state";

export async function take_in(files: Iterable<File>): Promise<void> {
  const all = [...files];
  try {
    for (const file of all) {
      const started = await api.upload(file, !askPart.value);
      if (started.job) jobs.value = { ...jobs.value, [started.job.id]: started.job };
      if (all.length === 1) await openSong(started.song.id, started.take?.id);
    }
    await refreshSongs();
  } catch (error) { fail(error); }
}

async function example(): Promise<void> {
  try {
    const started = await api.example();
    if (started.job) jobs.value = { ...jobs.value, [started.job.id]: started.job };
    await openSong(started.song.id, started.take?.id);
  } catch (error) { fail(error); }
}

export function Progress({ job }: { job: Job }) {
  const t = texts.value, name = t[`stage_${job.stage}` as keyof typeof t] ?? t.waiting;
  const state = job.state === "waiting" ? `${t.waiting}${job.position > 0 ? ` · ${fill(t.ahead, job.position)}` : ""}` : name;
  return (
    <div class="progress" role="status">
      <div class="progress-line"><span>{state}</span>
        <span class="quiet">{job.seconds_left !== null && job.state === "running" ? fill(t.left, Math.ceil(job.seconds_left)) : ""}</span></div>
      <progress max={100} value={job.percent} aria-label={state} />
      <button class="plain" onClick={() => api.cancel(job.id).catch(fail)}>{t.cancel}</button>
    </div>
  );
}

function Row({ song }: { song: Song }) {
  const t = texts.value, [sure, setSure] = useState(false);
  const job = Object.values(jobs.value).find((j) => j.song === song.id);
  const remove = () => (sure ? api.remove(song.id).then(refreshSongs).catch(fail) : setSure(true));
  const minutes = song.duration === null ? "" : `${Math.floor(song.duration / 60)}:${String(Math.round(song.duration) % 60).padStart(2, "0")}`;
  return (
    <li class="song-row">
      <button class="song-open" onClick={() => openSong(song.id).catch(fail)}>
        <strong>{song.title || song.name}</strong>
        <span class="quiet">{[song.artist, minutes, song.key, song.tempo && `${Math.round(song.tempo)} ${t.bpm}`].filter(Boolean).join(" · ")}</span>
      </button>
      {job && job.state !== "failed" && <progress max={100} value={job.percent} aria-label={song.title} />}
      <button class={sure ? "danger" : "plain"} onClick={remove} onBlur={() => setSure(false)} aria-label={`${sure ? t.removeSure : t.remove}: ${song.title}`}>
        {sure ? t.removeSure : t.remove}</button>
    </li>
  );
}

export function Library() {
  const t = texts.value, [over, setOver] = useState(false);
  useEffect(() => { refreshSongs().catch(fail); }, [search.value]);
  return (
    <main class="library">
      <section class={over ? "drop over" : "drop"} aria-label={t.drop}
        onDragOver={(e) => { e.preventDefault(); setOver(true); }} onDragLeave={() => setOver(false)}
        onDrop={(e) => { e.preventDefault(); setOver(false); void take_in(e.dataTransfer?.files ?? []); }}>
        <svg viewBox="0 0 120 44" class="keys" aria-hidden="true">
          {[0, 1, 2, 3, 4, 5, 6].map((i) => <rect x={2 + i * 17} y="2" width="15" height="40" rx="3" class="white" />)}
          {[0, 1, 3, 4, 5].map((i) => <rect x={13 + i * 17} y="2" width="10" height="24" rx="2" class="black" />)}
        </svg>
        <h1>{t.drop}</h1>
        <p class="quiet">{t.or}</p>
        <div class="drop-buttons">
          <label class="button main">{t.choose}
            <input type="file" multiple accept="audio/*,video/*" onChange={(e) => void take_in(e.currentTarget.files ?? [])} /></label>
          {options.value?.example && <button onClick={() => void example()}>{t.example}</button>}
        </div>
        <label class="check small"><input type="checkbox" checked={askPart.value} onChange={(e) => { askPart.value = e.currentTarget.checked; }} />{t.askPart}</label>
        <p class="quiet small">{t.tagline}</p>
      </section>
      <section aria-label={t.library}>
        <div class="library-head"><h2>{t.library}</h2>
          <input type="search" placeholder={t.search} aria-label={t.search} value={search.value} onInput={(e) => { search.value = e.currentTarget.value; }} /></div>
        {songs.value.length === 0 ? <p class="quiet">{t.empty}</p> : <ul class="songs">{songs.value.map((s) => <Row key={s.id} song={s} />)}</ul>}
      </section>
    </main>
  );
}
