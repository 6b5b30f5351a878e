/* EcoCloud 生态云 · the objects of a register, or what else has a place, on a map. Asks the server for what lies in the view each time it moves;
   many objects come counted. Without WebGL or script the server's drawing and the list beside it stay. */
import { Map, Marker, NavigationControl, Popup, ScaleControl, setWorkerUrl } from "../vendor/maplibre-gl.mjs";

setWorkerUrl(new URL("../vendor/maplibre-gl-worker.mjs", import.meta.url).href);

const english = document.documentElement.lang === "en";
const TONES = ["good", "warn", "bad", "done", "muted", "step-1", "step-2", "step-3", "step-4"];
const empty = { type: "FeatureCollection", features: [] };

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  if (text) { made.textContent = text; }
  return made;
}

function layers(colour, tones) {
  const tone = ["match", ["get", "tone"], ...tones.flatMap((name) => [name, colour(`map-${name}`)]), colour("act")];
  const kind = ["geometry-type"];
  return [
    { id: "paper", type: "background", paint: { "background-color": colour("paper") } },
    { id: "area", type: "fill", source: "areas", paint: { "fill-color": colour("surface") } },
    { id: "grid", type: "line", source: "lines", paint: { "line-color": colour("line"), "line-width": 1 } },
    { id: "edge", type: "line", source: "areas", paint: { "line-color": colour("line-strong"), "line-width": 1.2 } },
    { id: "face", type: "fill", source: "objects", filter: ["==", kind, "Polygon"], paint: { "fill-color": tone, "fill-opacity": 0.45 } },
    { id: "side", type: "line", source: "objects", filter: ["!=", kind, "Point"], paint: { "line-color": tone, "line-width": 3 } },
    { id: "dot", type: "circle", source: "objects", filter: ["==", kind, "Point"], paint: { "circle-color": tone, "circle-radius": 7, "circle-stroke-color": colour("surface"), "circle-stroke-width": 2 } },
  ];
}

function popup(map, at, one) {
  const box = element("div", "reg-popup");
  const link = element("a", "t", one.name);
  link.href = one.url;
  box.append(link, element("small", "muted", `${one.code} · ${one.where}`), element("span", "", one.state));
  new Popup({ maxWidth: "280px" }).setLngLat(at).setDOMContent(box).addTo(map);
}

function start(box, drawn) {
  const spec = JSON.parse(box.dataset.objects);
  const style = window.getComputedStyle(box);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const map = new Map({
    container: box,
    bounds: spec.bounds,
    attributionControl: false,
    fadeDuration: 0,
    dragRotate: false,
    style: {
      version: 8,
      sources: { areas: { type: "geojson", data: empty }, lines: { type: "geojson", data: empty }, objects: { type: "geojson", data: empty } },
      layers: layers(colour, spec.tones || TONES),
    },
  });
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({}), "bottom-left");
  map.touchZoomRotate.disableRotation();
  const told = document.getElementById("map-told");
  let markers = [];
  let asked = null;

  async function refresh() {
    if (asked) { asked.abort(); }
    asked = new AbortController();
    const view = map.getBounds();
    const part = [view.getWest(), view.getSouth(), view.getEast(), view.getNorth()].map((value) => value.toFixed(5)).join(",");
    let found;
    try {
      const answer = await fetch(spec.objects + part, { signal: asked.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) { throw new Error(String(answer.status)); }
      found = await answer.json();
    } catch (error) {
      if (error.name !== "AbortError") { told.textContent = english ? "The objects could not be read; please try again." : "没有读到对象，请重试。"; }
      return;
    }
    map.getSource("objects").setData({ type: "FeatureCollection", features: found.features });
    markers.forEach((marker) => marker.remove());
    markers = found.clusters.map((one) => {
      const size = one.count < 10 ? "s" : one.count < 100 ? "m" : "l";
      const dot = element("button", `reg-cluster ${size}`, String(one.count));
      dot.type = "button";
      dot.title = one.words;
      dot.setAttribute("aria-label", `${one.count}: ${one.words}`);
      dot.addEventListener("click", (event) => { event.stopPropagation(); map.easeTo({ center: [one.lon, one.lat], zoom: map.getZoom() + 2, duration: 200 }); });
      return new Marker({ element: dot }).setLngLat([one.lon, one.lat]).addTo(map);
    });
    told.textContent = english ? `${found.total} in this view.` : `图中 ${found.total} 个。`;
    box.setAttribute("data-ready", "");
  }

  async function ground() {
    const answer = await fetch(spec.ground);
    if (!answer.ok) { return; }
    const found = await answer.json();
    map.getSource("areas").setData(found.areas);
    map.getSource("lines").setData(found.lines);
    found.areas.features.forEach((one) => new Marker({ element: element("span", "reg-area", one.properties.name) }).setLngLat(one.properties.at).addTo(map));
  }

  map.on("load", () => { ground(); refresh(); });
  map.on("moveend", refresh);
  if (spec.every) { setInterval(() => { if (!document.hidden) { refresh(); } }, spec.every * 1000); }
  ["dot", "side", "face"].forEach((layer) => {
    map.on("click", layer, (event) => { if (!event.defaultPrevented) { event.preventDefault(); popup(map, event.lngLat, event.features[0].properties); } });
    map.on("mouseenter", layer, () => { map.getCanvas().classList.add("pointing"); });
    map.on("mouseleave", layer, () => { map.getCanvas().classList.remove("pointing"); });
  });
  document.querySelectorAll("[data-show]").forEach((link) => {
    link.hidden = false;
    link.addEventListener("click", () => {
      const [west, south, east, north] = link.dataset.show.split(",").map(Number);
      map.fitBounds([west, south, east, north], { maxZoom: 14, padding: 60, duration: 200 });
    });
  });
  drawn.hidden = true;
}

function hasWebGl() {
  try { return Boolean(document.createElement("canvas").getContext("webgl2")); } catch { return false; }
}

const box = document.getElementById("object-map");
if (box && hasWebGl()) {
  box.hidden = false;
  start(box, document.getElementById("drawn"));
}
