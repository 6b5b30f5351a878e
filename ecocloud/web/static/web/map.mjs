/* EcoCloud 生态云 · enhances a map drawn on the server with MapLibre, only where the page asks for it:
   <div class="maplibre" data-map='{"source": "/…geojson", "bounds": [w,s,e,n], "value": "value", "breaks": [...]}'>.
   Without WebGL or script the server's drawing stays. */
import { Map, NavigationControl, ScaleControl, setWorkerUrl } from "../vendor/maplibre-gl.mjs";

setWorkerUrl(new URL("../vendor/maplibre-gl-worker.mjs", import.meta.url).href);

function ramp(element) {
  const style = window.getComputedStyle(element);
  return [1, 2, 3, 4, 5, 6].map((step) => style.getPropertyValue(`--ramp-${step}`).trim());
}

function start(box) {
  const spec = JSON.parse(box.dataset.map);
  const colours = ramp(box);
  const style = window.getComputedStyle(box);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const steps = ["step", ["to-number", ["get", spec.value || "value"], -1e308], colours[0]];
  (spec.breaks || []).forEach((limit, index) => steps.push(limit, colours[Math.min(5, index + 1)]));
  const fill = (spec.breaks || []).length ? ["case", ["==", ["get", spec.value || "value"], null], colour("surface-2"), steps] : colours[2];
  const map = new Map({
    container: box,
    bounds: spec.bounds,
    fitBoundsOptions: { padding: 16 },
    attributionControl: false,
    fadeDuration: 0,
    style: {
      version: 8,
      sources: { areas: { type: "geojson", data: spec.source } },
      layers: [
        { id: "paper", type: "background", paint: { "background-color": colour("paper") } },
        { id: "fill", type: "fill", source: "areas", paint: { "fill-color": fill } },
        { id: "edge", type: "line", source: "areas", paint: { "line-color": colour("surface"), "line-width": 1.2 } },
      ],
    },
  });
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({}), "bottom-left");
  map.on("click", "fill", (event) => {
    const url = event.features[0].properties.url;
    if (url) { window.location.assign(url); }
  });
  map.once("load", () => box.setAttribute("data-ready", ""));
}

function hasWebGl() {
  try { return Boolean(document.createElement("canvas").getContext("webgl2")); } catch { return false; }
}

if (hasWebGl()) {
  document.querySelectorAll("[data-map]:not([data-ready])").forEach((box) => { box.hidden = false; start(box); });
}
