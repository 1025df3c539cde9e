// SPDX-License-Identifier: MIT
// Pictures of the page for the guide: node pictures.mjs FOLDER (see scripts/page_pictures.sh).
import { join } from "node:path";
import { newPage, openExample, startBrowser, startServer } from "./browser.mjs";

const folder = process.argv[2], server = await startServer(), browser = await startBrowser();
for (const [name, settings] of [["page", {}], ["page_dark", { colorScheme: "dark" }], ["page_phone", { viewport: { width: 390, height: 844 } }]]) {
  const { page, context } = await newPage(browser, server.address, settings);
  await page.getByRole("button", { name: "Try the example song" }).waitFor();
  if (name === "page") await page.screenshot({ path: join(folder, "page_songs.png") });
  await openExample(page);
  await page.evaluate(() => { window.pop2piano.insides.media.currentTime = window.pop2piano.time.value = 6; });
  await page.waitForFunction(() => document.querySelectorAll(".lit").length > 0);
  await page.waitForTimeout(500);  // the score turns to the bar
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await context.close();
}
await browser.close();
await server.stop();
