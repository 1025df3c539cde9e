// SPDX-License-Identifier: MIT
// What the cover is like: level, hands, key and style at once; repair of beats; takes side by side; files to take away.
import type { TakeOptions } from "./api";
import { useEffect } from "preact/hooks";
import { fill, options, practising, rearrange, showTake, song, take, texts, fail } from "./state";
import { playFrom, playing, time } from "./player";
import { Bars, Sections, styleName } from "./passage";
import { barAt } from "./transport";
import { asOptions, trial, trying, type Trial } from "./trial";

function Choice(p: { label: string; value: string; of: [string, string][]; set: (v: string) => void }) {
  return <label class="field"><span>{p.label}</span>
    <select aria-label={p.label} value={p.value} onChange={(e) => p.set(e.currentTarget.value)}>{p.of.map(([v, name]) => <option value={v} selected={v === p.value}>{name}</option>)}</select></label>;
}

/** A wish is heard at once, as clicks over the song; the cover is made anew on it when it is taken. */
function hear(change: Partial<Trial>): void {
  trying(change);
  if (!playing.value && !practising.value) playFrom(time.value);
}

function Beats() {
  const t = texts.value, has = take.value!.options, name = { 0.5: t.half, 1: t.same, 2: t.twice } as Record<number, string>, wish = trial.value;
  const range = options.value!.beats_per_bar, counts = Array.from({ length: range.most - range.least + 1 }, (_, i) => String(range.least + i));
  useEffect(() => () => { trial.value = null; }, [take.value!.id]);
  return (
    <details><summary>{t.beats}</summary>
      <p class="hint">{t.beatsHint}</p>
      <div class="group column" role="group" aria-label={t.beats}>
        {options.value!.tempo_times.map((n) => <button aria-pressed={(wish ?? has).tempo_times === n} onClick={() => hear({ tempo_times: n })}>{name[n] ?? n}</button>)}</div>
      <Choice label={t.metre} value={String((wish ?? has).beats_per_bar ?? "")} of={[["", t.found], ...counts.map((c) => [c, c] as [string, string])]}
        set={(v) => hear({ beats_per_bar: v ? Number(v) : null })} />
      <div class="field"><span>{t.firstBeat}</span><div class="group" role="group" aria-label={t.firstBeat}>
        <button onClick={() => hear({ later: (wish?.later ?? 0) - 1 })}>{t.earlier}</button><button onClick={() => hear({ later: (wish?.later ?? 0) + 1 })}>{t.later}</button></div></div>
      {wish && <div class="trial" role="status">
        <button class="main" onClick={() => { const chosen = asOptions(wish); trial.value = null; void rearrange(chosen); }}>{t.useBeats}</button>
        <button onClick={() => { trial.value = null; }}>{t.dropBeats}</button></div>}
    </details>
  );
}

/** What sets a take apart, in words. */
function takeName(has: TakeOptions): string {
  const t = texts.value, bars = has.again.map((p) => `${t.bars} ${p.bars[0]}–${p.bars[1]} (${p.seed})`);
  const sections = Object.entries(has.sections).map(([letter, style]) => `${letter}: ${styleName(style)}`);
  const part = has.start > 0 || has.end !== null ? [t.part] : [];
  const parts = [t[`level_${has.level}` as keyof typeof t], styleName(has.style), has.key, has.seed ? fill(t.version, has.seed + 1) : "", ...part, ...sections, ...bars];
  return parts.filter(Boolean).join(", ");
}

export function Takes() {
  const t = texts.value, all = song.value?.takes ?? [];
  if (all.length < 2) return null;
  return (
    <div class="takes" role="group" aria-label={t.takes}><h2>{t.takes}</h2>
      {[...all].reverse().map((one, i) => (
        <button aria-pressed={one.id === take.value?.id} onClick={() => showTake(one).catch(fail)}>
          {String.fromCharCode(65 + (i % 26))} · {one.name || takeName(one.options)}{one.revision ? " ✎" : ""}</button>))}
    </div>
  );
}

/** The address of the page now names the bar; where the browser allows it, it is copied, too. */
function linkHere(): void {
  history.replaceState(null, "", `#${take.value!.song}/${take.value!.id}/${barAt(time.value) + 1}`);
  if (isSecureContext) navigator.clipboard.writeText(location.href).catch(() => {});
}

export function Exports() {
  const t = texts.value, files = take.value?.files ?? {};
  const list: [string, string][] = [["midi", t.midi], ["score", t.musicxml], ["pdf", t.pdf], ["piano", t.flac_piano], ["mix", t.flac_mix], ["piano_mp3", t.mp3_piano], ["mix_mp3", t.mp3_mix], ["zip", t.zip]];
  return (
    <details open><summary>{t.export}</summary>
      <div class="exports">
        {list.filter(([k]) => files[k]).map(([k, name]) => <a class="button" draggable href={files[k]!} download onDragStart={(e) => {
          const file = files[k]!.split("?")[0]!.split("/").pop()!;
          e.dataTransfer?.setData("DownloadURL", `application/octet-stream:${file}:${location.origin}${files[k]}`);
        }}>{name}</a>)}
        <button onClick={() => print()}>{t.print}</button>
        <button onClick={linkHere}>{t.link}</button>
      </div></details>
  );
}

export function Arrangement() {
  const t = texts.value, has = take.value!.options, now = options.value;
  if (!now) return null;
  const levelName = t[`level_${has.level}` as keyof typeof t];
  return (
    <aside class="panel" aria-label={t.arrange}>
      <h2>{t.arrange}</h2>
      <label class="field level"><span>{t.level}<output>{levelName}</output></span>
        <input type="range" min={1} max={5} step={1} value={has.level} aria-valuetext={levelName} aria-label={t.level} onChange={(e) => void rearrange({ level: Number(e.currentTarget.value) })} /></label>
      <Choice label={t.style} value={has.style} of={now.styles.map((s) => [s, styleName(s)])} set={(v) => void rearrange({ style: v, ...(v === "auto" ? {} : { sections: {} }) })} />
      <Sections />
      <button onClick={() => void rearrange({ seed: has.seed + 1, temperature: 1 })}>{t.another}</button>
      <Choice label={t.key} value={has.key ?? ""} of={[["", t.asWritten], ...now.keys.map((k) => [k, k === "easy" ? t.easyKey : k] as [string, string])]}
        set={(v) => void rearrange({ key: v || null, transpose: null })} />
      <Choice label={t.reach} value={has.hands} of={now.hands.map((h) => [h, t[`reach_${h}` as keyof typeof t] ?? h])} set={(v) => void rearrange({ hands: v })} />
      <label class="check"><input type="checkbox" checked={has.fingering} onChange={(e) => void rearrange({ fingering: e.currentTarget.checked })} />{t.fingering}</label>
      <div class="field"><span>{t.octave}</span><div class="group" role="group" aria-label={t.octave}>
        <button onClick={() => void rearrange({ key: null, transpose: Math.max(-24, (has.transpose ?? 0) - 12) })}>{t.down}</button>
        <button onClick={() => void rearrange({ key: null, transpose: Math.min(24, (has.transpose ?? 0) + 12) })}>{t.up}</button></div></div>
      <Bars />
      <Beats />
      <Takes />
      <Exports />
    </aside>
  );
}
