/* EcoCloud 生态云 · a place chosen on a map: a tap, or the middle of the map for a keyboard. The ground is the product's
   own divisions; nothing comes from outside. MapLibre is read only when the map is wanted. Without WebGL or script the
   list of divisions stays. What was chosen is told to the form as the event "picked" {lon, lat, code, name}. */
const form = document.getElementById("report");
const opener = document.getElementById("map-open");
const panel = document.getElementById("map-panel");
const box = document.getElementById("pick-map");
const told = document.getElementById("picked");
const words = box ? JSON.parse(box.dataset.words) : {};
const NEAR = 8; // pixels around a tap that may still touch a division: the ground is simplified

function hasWebGl() {
  try { return Boolean(document.createElement("canvas").getContext("webgl2")); } catch { return false; }
}

function layers(colour) {
  return [
    { id: "paper", type: "background", paint: { "background-color": colour("paper") } },
    { id: "area", type: "fill", source: "areas", paint: { "fill-color": colour("surface") } },
    { id: "edge", type: "line", source: "areas", paint: { "line-color": colour("line-strong"), "line-width": 1.2 } },
  ];
}

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text || "";
  return made;
}

function styles() {
  return new Promise((done, failed) => {
    const link = document.createElement("link");
    link.rel = "stylesheet";
    link.href = box.dataset.css;
    link.onload = done;
    link.onerror = failed;
    document.head.append(link);
  });
}

async function start() {
  const answer = await fetch(box.dataset.ground, { headers: { Accept: "application/json" } });
  if (!answer.ok) { throw new Error(String(answer.status)); }
  const ground = await answer.json();
  if (!ground.areas.features.length) { throw new Error("no ground"); }
  await styles();
  const { Map, Marker, NavigationControl, ScaleControl, setWorkerUrl } = await import("../vendor/maplibre-gl.mjs");
  setWorkerUrl(new URL("../vendor/maplibre-gl-worker.mjs", import.meta.url).href);
  const style = window.getComputedStyle(box);
  const map = new Map({
    container: box,
    bounds: ground.bounds,
    fitBoundsOptions: { padding: 12 },
    maxZoom: 17,
    attributionControl: false,
    fadeDuration: 0,
    dragRotate: false,
    cooperativeGestures: false,
    locale: { "Map.Title": words.map, "NavigationControl.ZoomIn": words.nearer, "NavigationControl.ZoomOut": words.farther },
    style: { version: 8, sources: { areas: { type: "geojson", data: ground.areas } }, layers: layers((name) => style.getPropertyValue(`--${name}`).trim()) },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({}), "bottom-right");
  ground.areas.features.forEach((one) => new Marker({ element: element("span", "pub-area", one.properties.name) }).setLngLat(one.properties.at).addTo(map));
  const pin = new Marker({ element: element("span", "pub-pin") });

  function choose(at) {
    const point = map.project(at);
    const found = map.queryRenderedFeatures([[point.x - NEAR, point.y - NEAR], [point.x + NEAR, point.y + NEAR]], { layers: ["area"] });
    if (!found.length) { pin.remove(); told.textContent = words.outside; return; }
    const exact = map.queryRenderedFeatures(point, { layers: ["area"] })[0] || found[0];
    pin.setLngLat(at).addTo(map);
    told.textContent = `${words.chosen} ${exact.properties.name} ${at.lng.toFixed(4)}, ${at.lat.toFixed(4)}`;
    form.dispatchEvent(new CustomEvent("picked", { detail: { lon: at.lng, lat: at.lat, code: exact.properties.code, name: exact.properties.name } }));
  }
  map.on("click", (event) => choose(event.lngLat));
  document.getElementById("pick-middle").addEventListener("click", () => choose(map.getCenter()));
  await new Promise((done) => { map.once("load", done); });
  const lon = Number(form.elements.lon.value);
  const lat = Number(form.elements.lat.value);
  if (lon && lat) { pin.setLngLat([lon, lat]).addTo(map); map.jumpTo({ center: [lon, lat], zoom: 12 }); }
  form.addEventListener("placed", (event) => { pin.setLngLat([event.detail.lon, event.detail.lat]).addTo(map); });
  form.addEventListener("reset", () => { pin.remove(); told.textContent = ""; });
  box.setAttribute("data-ready", "");
}

let begun = null;
async function toggle() {
  const show = panel.hidden;
  panel.hidden = !show;
  opener.setAttribute("aria-expanded", String(show));
  if (!show) { return; }
  if (!begun) { told.textContent = words.loading; begun = start(); }
  try {
    await begun;
    if (told.textContent === words.loading) { told.textContent = words.how; }
  } catch {
    begun = null;
    panel.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    document.getElementById("located").textContent = words.none;
    document.getElementById("region").focus();
  }
}

if (form && opener && hasWebGl()) {
  opener.hidden = false;
  opener.addEventListener("click", toggle);
}
