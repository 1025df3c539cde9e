// SPDX-License-Identifier: MIT
// web/dist is what the sources give, byte for byte.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const web = dirname(dirname(fileURLToPath(import.meta.url)));

test("the committed bundle is what web/build.mjs makes", () => {
  const made = mkdtempSync(join(tmpdir(), "pop2piano-bundle-"));
  execFileSync(process.execPath, [join(web, "build.mjs"), made]);
  assert.deepEqual(readdirSync(made).sort(), readdirSync(join(web, "dist")).sort());
  for (const name of readdirSync(made)) {
    assert.ok(readFileSync(join(made, name)).equals(readFileSync(join(web, "dist", name))), `${name}: run 'npm run build' in web/`);
  }
  rmSync(made, { recursive: true });
});
