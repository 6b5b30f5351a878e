/* EcoCloud 生态云 · keeps a form for people without a network: the page and what it needs, the newest whenever there is one. */
"use strict";
var STORE = "/* STORE */";
var KEPT = [/* KEPT */];
var LATER = [/* LATER */];  // larger: kept where it can be, never on a connection that saves data
self.addEventListener("install", function (event) {
  event.waitUntil(caches.open(STORE).then(function (store) { return store.addAll(KEPT); }).then(function () { return self.skipWaiting(); }));
  if (LATER.length && !(self.navigator.connection && self.navigator.connection.saveData)) {
    caches.open(STORE).then(function (store) { return store.addAll(LATER); }).catch(function () { /* the page works without */ });
  }
});
self.addEventListener("activate", function (event) { event.waitUntil(self.clients.claim()); });
function answered(request, path, answer) {
  if (answer.ok && !answer.redirected && request.url.indexOf("?") < 0) {
    var copy = answer.clone();
    caches.open(STORE).then(function (store) { store.put(path, copy); });
  } else if (answer.type === "opaqueredirect" || answer.redirected || answer.status === 403) {
    caches.open(STORE).then(function (store) { store.delete(path); });  // nobody is signed in any more: nothing is shown of them
  }
  return answer;
}
self.addEventListener("fetch", function (event) {
  var url = new URL(event.request.url), path = url.pathname;
  if (event.request.method !== "GET" || url.origin !== self.location.origin || KEPT.concat(LATER).indexOf(path) < 0) { return; }
  event.respondWith(fetch(event.request).then(function (answer) { return answered(event.request, path, answer); }, function () {
    if (event.request.cache === "no-store") { return Response.error(); }  // the page asks the server, not what is kept
    return caches.open(STORE).then(function (store) { return store.match(path); }).then(function (found) { return found || Response.error(); });
  }));
});
