// SPDX-License-Identifier: MIT
// The bar at the bottom: play, place, speed, balance, loop, clicks, hands.
import { balance, countIn, duration, faster, hands, loop, metronome, playing, seek, speed, time, toggle, volume, type Hands } from "./player";
import { report, texts } from "./state";

const clock = (s: number): string => `${Math.floor(s / 60)}:${String(Math.floor(s) % 60).padStart(2, "0")}`;
export const barAt = (seconds: number): number => Math.max(0, (report.value?.bars.filter((b) => b.time <= seconds + 0.02).length ?? 1) - 1);

export function loopBar(): void {
  const bars = report.value?.bars;
  if (loop.value || !bars) { loop.value = null; return; }
  const i = barAt(time.value);
  loop.value = { from: Math.max(0, bars[i]?.time ?? 0), to: bars[i + 1]?.time ?? duration() };
}

function Slider(p: { label: string; value: number; min: number; max: number; step: number; set: (v: number) => void; shown?: string; ends?: [string, string] }) {
  return (
    <label class="slider"><span>{p.label}{p.shown && <output>{p.shown}</output>}</span>
      <input type="range" aria-label={p.label} aria-valuetext={p.shown} min={p.min} max={p.max} step={p.step} value={p.value} onInput={(e) => p.set(Number(e.currentTarget.value))} />
      {p.ends && <span class="ends" aria-hidden="true"><span>{p.ends[0]}</span><span>{p.ends[1]}</span></span>}
    </label>
  );
}

const kFaster = [0, 1, 2, 5, 10];  // per cent
export function Transport() {
  const t = texts.value;
  return (
    <footer class="transport" aria-label={t.play}>
      <div class="place">
        <button class="icon" aria-label={t.toStart} title={t.toStart} onClick={() => seek(loop.value?.from ?? 0)}>
          <svg viewBox="0 0 24 24" aria-hidden="true"><path d="M6 5h2v14H6zM20 5v14L9 12z" /></svg></button>
        <button class="icon play" aria-label={playing.value ? t.pause : t.play} title={playing.value ? t.pause : t.play} onClick={toggle}>
          <svg viewBox="0 0 24 24" aria-hidden="true">{playing.value ? <path d="M6 5h4v14H6zM14 5h4v14h-4z" /> : <path d="M7 4v16l13-8z" />}</svg></button>
        <span class="clock">{clock(time.value)}<span class="quiet"> / {clock(duration())}</span></span>
        <span class="quiet bar-number">{t.bar} {barAt(time.value) + 1}</span>
        <input type="range" class="position" aria-label={t.position} aria-valuetext={clock(time.value)} min={0} max={Math.max(1, duration())} step={0.01} value={time.value} onInput={(e) => seek(Number(e.currentTarget.value))} />
      </div>
      <div class="knobs">
        <Slider label={t.balance} value={balance.value} min={0} max={1} step={0.01} set={(v) => { balance.value = v; }} ends={[t.song, t.piano]} />
        <Slider label={t.speed} value={speed.value} min={0.4} max={1.5} step={0.01} set={(v) => { speed.value = v; }} shown={`${Math.round(speed.value * 100)} %`} />
        <Slider label={t.volume} value={volume.value} min={0} max={1} step={0.01} set={(v) => { volume.value = v; }} />
        <div class="group" role="group" aria-label={t.hands}>
          {(["left", "both", "right"] as Hands[]).map((h) => (
            <button aria-pressed={hands.value === h} onClick={() => { hands.value = h; }}>{h === "both" ? t.both : h === "left" ? t.left_hand : t.right_hand}</button>))}
        </div>
        <div class="group">
          <button aria-pressed={loop.value !== null} title={t.loopHint} onClick={loopBar}>{t.loop}</button>
          <button aria-pressed={metronome.value} onClick={() => { metronome.value = !metronome.value; }}>{t.metronome}</button>
          <button aria-pressed={countIn.value} onClick={() => { countIn.value = !countIn.value; }}>{t.countIn}</button>
        </div>
        <label class="passes"><span>{t.faster}</span><select aria-label={t.faster} value={faster.value} onChange={(e) => { faster.value = Number(e.currentTarget.value); }}>
          {kFaster.map((n) => <option value={n} selected={n === faster.value}>{n ? `+${n} %` : t.off}</option>)}</select></label>
      </div>
    </footer>
  );
}
