// SPDX-License-Identifier: MIT
// What the page uses of Verovio's script.
declare module "verovio/wasm" {
  export default function createVerovioModule(): Promise<unknown>;
}
declare module "verovio/esm" {
  export class VerovioToolkit {
    constructor(module: unknown);
    setOptions(options: Record<string, unknown>): void;
    loadData(text: string): boolean;
    getPageCount(): number;
    renderToSVG(page: number): string;
  }
}
