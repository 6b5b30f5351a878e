/* Keeps the report form for people without a network: the page and what it needs, the newest whenever there is one. */
"use strict";
var STORE = "eco-report-1";
var KEPT = [/* KEPT */];
self.addEventListener("install", function (event) {
  event.waitUntil(caches.open(STORE).then(function (store) { return store.addAll(KEPT); }).then(function () { return self.skipWaiting(); }));
});
self.addEventListener("activate", function (event) {
  event.waitUntil(caches.keys().then(function (names) {
    return Promise.all(names.filter(function (name) { return name !== STORE; }).map(function (name) { return caches.delete(name); }));
  }).then(function () { return self.clients.claim(); }));
});
self.addEventListener("fetch", function (event) {
  var url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== self.location.origin || KEPT.indexOf(url.pathname) < 0) { return; }
  event.respondWith(fetch(event.request).then(function (answer) {
    if (answer.ok && !url.search) { var copy = answer.clone(); caches.open(STORE).then(function (store) { store.put(url.pathname, copy); }); }
    return answer;
  }).catch(function () { return caches.match(url.pathname); }));
});
