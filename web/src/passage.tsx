// SPDX-License-Identifier: MIT
// What can be done with some bars only: those of the loop, which dragging over the waveform chooses; and with sections.
import { cutting } from "./cut";
import { shiftTune } from "./edit";
import { duration, loop } from "./player";
import { fill, rearrange, report, take, texts } from "./state";

/** First and last bar of the loop, counted as the report and the score do: from 1 on; 0 lies before the first. */
export function chosenBars(): [number, number] | null {
  const now = report.value, area = loop.value;
  if (!now || !area) return null;
  const numberAt = (seconds: number): number => now.bars.filter((bar) => bar.time <= seconds + 0.02).length;
  return [numberAt(area.from), Math.max(numberAt(area.from), numberAt(area.to - 0.05))];
}

/** The part of the file that the loop is, as options of a take. Another part is heard anew. */
function cut(): void {
  const has = take.value!.options, area = loop.value;
  if (!area) return;
  loop.value = null;
  void rearrange({ start: has.start + area.from, end: has.start + Math.min(area.to, duration()), downbeat: null, again: [], sections: {} });
}

function again(bars: [number, number]): void {
  const has = take.value!.options, same = has.again.filter((p) => p.bars[0] === bars[0] && p.bars[1] === bars[1]);
  const seed = Math.max(0, ...same.map((p) => p.seed)) + 1;
  void rearrange({ again: [...has.again.filter((p) => !same.includes(p)), { bars, seed }] });
}

export function Bars() {
  const t = texts.value, bars = chosenBars(), has = take.value!.options, isPart = has.start > 0 || has.end !== null;
  const other = <button onClick={() => { cutting.value = true; }}>{t.choosePart}</button>;
  const tune = (by: number): void => shiftTune(loop.value?.from ?? 0, loop.value?.to ?? Infinity, by);
  const octave = <div class="field"><span>{t.tuneOctave}</span><div class="group" role="group" aria-label={t.tuneOctave}>
    <button onClick={() => tune(-12)}>{t.down}</button><button onClick={() => tune(12)}>{t.up}</button></div></div>;
  if (!bars && !isPart) return <div class="bars-hint">{octave}<p class="hint">{t.chooseBars}</p>{other}</div>;
  return (
    <div class="bars" role="group" aria-label={t.theseBars}>
      {bars && <>
        <h2>{bars[0] === bars[1] ? `${t.bar} ${bars[0]}` : `${t.bars} ${bars[0]}–${bars[1]}`}</h2>
        <button onClick={() => again(bars)}>{t.againBars}</button>
        {octave}
        <button onClick={cut}>{t.onlyBars}</button></>}
      {!bars && octave}
      {isPart && <button onClick={() => void rearrange({ start: 0, end: null, downbeat: null, again: [], sections: {} })}>{t.wholeSong}</button>}
      {other}
    </div>
  );
}

const textures = ["auto", "sparse-broken", "sparse-chords", "flowing-broken", "flowing-chords", "dense-broken", "dense-chords"];

export function Sections() {
  const t = texts.value, has = take.value!.options, plan = report.value?.plan ?? [], letters = [...new Set((report.value?.sections ?? []).map((s) => s.letter))].sort();
  if (letters.length === 0) return null;
  return (
    <details><summary>{t.sectionStyles}</summary>
      {letters.map((letter) => {
        const decided = plan.find((p) => p.section === letter)?.style ?? "auto";
        return <label class="field"><span>{fill(t.section, letter)}</span>
          <select aria-label={fill(t.section, letter)} value={has.sections[letter] ?? ""} onChange={(e) => {
            const { [letter]: _, ...rest } = has.sections, style = e.currentTarget.value;
            void rearrange({ sections: style ? { ...rest, [letter]: style } : rest });
          }}>
            <option value="" selected={!has.sections[letter]}>{has.sections[letter] ? t.decided : `${t.decided}: ${styleName(decided)}`}</option>
            {textures.map((s) => <option value={s} selected={has.sections[letter] === s}>{styleName(s)}</option>)}</select></label>;
      })}
    </details>
  );
}

/** In words, where the page has them: a model may know others. */
export const styleName = (style: string): string => (texts.value as Record<string, string>)[`style_${style}`] ?? style;
