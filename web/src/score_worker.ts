// SPDX-License-Identifier: MIT
// Engraves MusicXML with Verovio, away from the page's thread. In: {xml, width, notes}; out: {page, svg} one by one, then {marks}.
import createVerovioModule from "verovio/wasm";
import { VerovioToolkit } from "verovio/esm";
declare const WASM: string;

interface Asked { job: number; xml: string; width: number; scale: number }
interface TimemapEntry { qstamp: number; on?: string[]; off?: string[]; measureOn?: string }
export interface ScoreNote { id: string; quarter: number; pitch: number }

let toolkit: VerovioToolkit | undefined;
let latest = 0;

async function start(): Promise<VerovioToolkit> {
  if (toolkit) return toolkit;
  // The build cuts the WebAssembly out of Verovio's script, which then looks for it here.
  Object.assign(globalThis, { verovioWasm: new Uint8Array(await (await fetch(WASM)).arrayBuffer()) });
  toolkit = new VerovioToolkit(await createVerovioModule());
  return toolkit;
}

async function engrave({ job, xml, width, scale }: Asked): Promise<void> {
  const verovio = await start();
  if (job !== latest) return;
  verovio.setOptions({
    scale, pageWidth: Math.round((width * 100) / scale), pageHeight: 2400, adjustPageHeight: true, breaks: "auto", header: "none", footer: "none",
    pageMarginLeft: 30, pageMarginRight: 30, pageMarginTop: 30, pageMarginBottom: 30, svgViewBox: true, spacingSystem: 10,
  });
  if (!verovio.loadData(xml)) throw new Error("the score could not be read");
  const pages = verovio.getPageCount();
  for (let page = 1; page <= pages && job === latest; ++page) {
    postMessage({ job, page, pages, svg: verovio.renderToSVG(page) });
    await new Promise((done) => setTimeout(done));
  }
  if (job !== latest) return;
  const notes: ScoreNote[] = [];
  for (const entry of verovio.renderToTimemap({ includeMeasures: false, includeRests: false }) as TimemapEntry[]) {
    for (const id of entry.on ?? []) {
      notes.push({ id, quarter: entry.qstamp, pitch: Number(verovio.getMIDIValuesForElement(id).pitch) });
    }
  }
  postMessage({ job, notes });
}

addEventListener("message", ({ data }: MessageEvent<Asked>) => {
  latest = data.job;
  engrave(data).catch((error: unknown) => postMessage({ job: data.job, error: String(error) }));
});
