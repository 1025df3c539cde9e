// SPDX-License-Identifier: MIT
// The page without a connection: its own files from the cache, answers of the server as they were last seen. Sound is not kept.
declare const SHELL: string[];
declare const VERSION: string;
const scope = self as unknown as ServiceWorkerGlobalScope;
const shellCache = `shell-${VERSION}`, answers = "answers";

scope.addEventListener("install", (event) => {
  event.waitUntil(caches.open(shellCache).then((cache) => cache.addAll(SHELL)).then(() => scope.skipWaiting()));
});

scope.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name !== shellCache && name !== answers) await caches.delete(name);
    await scope.clients.claim();
  })());
});

async function networkFirst(request: Request, name: string): Promise<Response> {
  const cache = await caches.open(name);
  try {
    const answer = await fetch(request);
    if (answer.status === 200) await cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    const kept = await cache.match(request);
    if (kept) return kept;
    throw error;
  }
}

scope.addEventListener("fetch", (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (request.method !== "GET" || origin !== scope.location.origin || request.headers.has("range")) return;
  if (pathname.endsWith("/events") || pathname.includes("/jobs")) return;
  if (/\.(flac|opus|mp3|wav|pdf|zip|mid)$/.test(pathname) || pathname.endsWith("/original")) return;
  if (pathname.startsWith("/api/")) event.respondWith(networkFirst(request, answers));
  else if (pathname === "/") event.respondWith(networkFirst(new Request("/"), shellCache));
  else event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
});
