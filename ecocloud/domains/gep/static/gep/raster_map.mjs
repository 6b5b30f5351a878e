/* EcoCloud 生态云 · a raster of a result on a map: tiles of the server, lines and names of the zones. Without WebGL or script the server's picture stays. */
import { Map, Marker, NavigationControl, ScaleControl, setWorkerUrl } from "../vendor/maplibre-gl.mjs";

setWorkerUrl(new URL("../vendor/maplibre-gl-worker.mjs", import.meta.url).href);

const empty = { type: "FeatureCollection", features: [] };

function start(box, slider) {
  const spec = JSON.parse(box.dataset.raster);
  const style = window.getComputedStyle(box);
  const colour = (name) => style.getPropertyValue(`--${name}`).trim();
  const strength = () => Number(slider.value) / 100;
  const map = new Map({
    container: box,
    bounds: spec.bounds,
    fitBoundsOptions: { padding: 24 },
    attributionControl: false,
    fadeDuration: 0,
    dragRotate: false,
    maxZoom: 18,
    style: {
      version: 8,
      sources: {
        raster: { type: "raster", tiles: [new URL(spec.tiles, window.location.href).href.replaceAll("%7B", "{").replaceAll("%7D", "}")], tileSize: 256, bounds: spec.bounds, maxzoom: 16 },
        zones: { type: "geojson", data: empty },
      },
      layers: [
        { id: "paper", type: "background", paint: { "background-color": colour("surface-2") } },
        { id: "raster", type: "raster", source: "raster", paint: { "raster-opacity": strength(), "raster-resampling": "nearest", "raster-fade-duration": 0 } },
        { id: "zones", type: "line", source: "zones", paint: { "line-color": colour("ink"), "line-width": 1.2 } },
      ],
    },
  });
  map.addControl(new NavigationControl({ showCompass: false }), "top-right");
  map.addControl(new ScaleControl({}), "bottom-left");
  map.touchZoomRotate.disableRotation();
  map.on("load", async () => {
    const answer = await fetch(spec.zones, { headers: { Accept: "application/json" } });
    if (answer.ok) {
      const found = await answer.json();
      map.getSource("zones").setData(found);
      found.features.forEach((one) => {
        const label = document.createElement("span");
        label.className = "gep-zone";
        label.textContent = one.properties.name;
        new Marker({ element: label }).setLngLat(one.properties.at).addTo(map);
      });
    }
    map.once("idle", () => box.setAttribute("data-ready", ""));
  });
  slider.addEventListener("input", () => map.setPaintProperty("raster", "raster-opacity", strength()));
}

function hasWebGl() {
  try { return Boolean(document.createElement("canvas").getContext("webgl2")); } catch { return false; }
}

const box = document.getElementById("raster-map");
if (box && hasWebGl()) {
  box.hidden = false;
  document.getElementById("picture").hidden = true;
  document.getElementById("opacity-row").hidden = false;
  start(box, document.getElementById("opacity"));
}
