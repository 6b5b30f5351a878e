/* EcoCloud 生态云 · the patrol page on a phone. A record that cannot be sent is kept on the phone (IndexedDB) and sent when
   the phone is back on line; its key makes it the same record however often it is sent. Without this script the page is a
   plain form. */
const english = document.documentElement.lang === "en";
const say = (zh, en) => (english ? en : zh);
const form = document.getElementById("patrol");
const box = document.getElementById("drafts");
const lines = document.getElementById("kept");
const STORE = "patrols";
const FIRST_PAUSE = 3000; // ms, doubled up to LAST_PAUSE
const LAST_PAUSE = 60000;

function open() {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open("ecocloud-chiefs", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore(STORE, { keyPath: "key" });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function within(mode, act) {
  const base = await open();
  try {
    return await new Promise((resolve, reject) => {
      const work = base.transaction(STORE, mode);
      const asked = act(work.objectStore(STORE));
      work.oncomplete = () => resolve(asked && asked.result);
      work.onerror = work.onabort = () => reject(work.error);
    });
  } finally { base.close(); }
}

const keep = (draft) => within("readwrite", (store) => store.put(draft));
const drop = (key) => within("readwrite", (store) => store.delete(key));
const kept = async (user) => (await within("readonly", (store) => store.getAll())).filter((one) => one.user === user);

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function tell(text, tone) {
  box.hidden = !text;
  box.className = `note mb ${tone || ""}`;
  box.textContent = text;
}

function body(draft, token) {
  const data = new FormData();
  draft.fields.forEach(([name, value]) => data.append(name, value));
  draft.photos.forEach((photo) => data.append("photos", photo.blob, photo.name));
  data.set("csrfmiddlewaretoken", token);
  return data;
}

/* The token of the form as the server gives it now (a page kept off line carries an old one): null where the phone is not
   on line, "" where nobody or somebody else is signed in. */
async function token() {
  let page;
  try {
    const answer = await fetch(window.location.pathname, { cache: "no-store", redirect: "manual" });
    if (answer.type === "opaqueredirect" || !answer.ok) { return answer.status >= 500 ? null : ""; }
    page = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("patrol");
  } catch { return null; }
  return page && page.dataset.user === form.dataset.user ? page.elements.csrfmiddlewaretoken.value : "";
}

/* Three answers: sent, refused (with the server's words; the draft stays), or not reached. */
async function send(draft, given) {
  let answer;
  try {
    answer = await fetch(form.getAttribute("action") || window.location.pathname, { method: "POST", body: body(draft, given), headers: { Accept: "application/json" }, redirect: "error" });
  } catch { return { reached: false }; }
  let told = {};
  try { told = await answer.json(); } catch { /* a page of a proxy: not reached */ return { reached: false }; }
  return { reached: true, ok: Boolean(told.ok), told };
}

function draftOf(button) {
  const data = new FormData(form);
  if (button && button.name) { data.set(button.name, button.value); }
  if (!data.get("start")) { data.set("start", new Date().toISOString()); }
  const fields = [];
  const photos = [];
  data.forEach((value, name) => {
    if (name === "csrfmiddlewaretoken") { return; }
    if (value instanceof File) { if (value.size) { photos.push({ blob: value, name: value.name }); } } else { fields.push([name, value]); }
  });
  return { key: String(data.get("key")), user: form.dataset.user, fields, photos, at: Date.now() };
}

function clear() {
  form.reset();
  form.elements.key.value = newKey();
  form.elements.lon.value = form.elements.lat.value = form.elements.start.value = "";
  const place = document.getElementById("located");
  if (place) { place.textContent = ""; }
}

let running = null;
let again = 0; // the timer of the next try, where the phone says it is on line and the server is not reached yet
let pause = FIRST_PAUSE;
function flush() {
  if (!running) {
    window.clearTimeout(again);
    running = sendAll().then((reached) => {
      if (reached) { pause = FIRST_PAUSE; return; }
      again = window.setTimeout(flush, pause);
      pause = Math.min(2 * pause, LAST_PAUSE);
    }).finally(() => { running = null; });
  }
  return running;
}

/* Sends what is kept; whether the server was reached for all of it, or the phone is off line and will say when it is not. */
async function sendAll() {
  const waiting = await kept(form.dataset.user);
  let sent = 0;
  let refused = "";
  let reached = true;
  const given = waiting.length && navigator.onLine ? await token() : null;
  for (const draft of given ? waiting : []) {
    const result = await send(draft, given);
    if (!result.reached) { reached = false; break; }
    if (result.ok) { await drop(draft.key); sent += 1; } else {
      refused = result.told.error || say("没有被接收。", "Refused.");
      await keep({ ...draft, refused });
    }
  }
  const left = waiting.length - sent;
  if (refused) { tell(say(`有记录未被接收：${refused}`, `A record was refused: ${refused}`), "bad"); }
  else if (left && given === "") { tell(say(`${left} 条记录存在本机；请重新登录，登录后自动发送。`, `${left} record(s) kept on this phone; please sign in again, then they are sent.`), "warn"); }
  else if (left) { tell(say(`${left} 条记录存在本机，联网后自动发送。`, `${left} record(s) kept on this phone, sent when on line.`), "warn"); }
  else if (sent) { tell(say(`已发送本机保存的 ${sent} 条记录。`, `${sent} kept record(s) sent.`)); }
  await list();
  box.setAttribute("data-left", String(left));
  return !navigator.onLine || (reached && (given !== null || !waiting.length));
}

async function list() {
  const waiting = (await kept(form.dataset.user)).sort((one, other) => one.at - other.at);
  lines.hidden = !waiting.length;
  lines.replaceChildren(...waiting.map((draft) => {
    const value = (name) => (draft.fields.find(([one]) => one === name) || ["", ""])[1];
    const office = Array.from(form.elements.office.options).find((one) => one.value === value("office"));
    const about = [new Date(draft.at).toLocaleString(document.documentElement.lang), office && office.value ? office.text : "",
      say(`照片 ${draft.photos.length} 张`, `${draft.photos.length} photo(s)`), value("problem").slice(0, 24), draft.refused || ""];
    const line = document.createElement("li");
    const text = document.createElement("span");
    const button = document.createElement("button");
    text.textContent = about.filter(Boolean).join(" · ");
    button.type = "button";
    button.className = "btn";
    button.textContent = say("删除", "Delete");
    button.setAttribute("aria-label", `${button.textContent} ${text.textContent}`);
    button.addEventListener("click", async () => { await drop(draft.key); tell(""); await list(); });
    line.append(text, button);
    return line;
  }));
}

async function submit(event) {
  event.preventDefault();
  const button = event.submitter;
  if (button && button.value === "found" && !form.elements.problem.value.trim()) {
    tell(say("请写明发现了什么问题。", "Say what was found."), "bad");
    form.elements.problem.focus();
    return;
  }
  const draft = draftOf(button);
  form.setAttribute("aria-busy", "true");
  try {
    const result = navigator.onLine ? await send(draft, form.elements.csrfmiddlewaretoken.value) : { reached: false };
    if (result.ok) { window.location.assign(result.told.url); return; }
    if (result.reached) { tell(result.told.error || say("没有被接收。", "Refused."), "bad"); return; }
    await keep(draft);
    clear();
    await flush();
  } catch {
    tell(say("本机不能保存，请联网后再提交。", "This phone cannot keep it; please submit when on line."), "bad");
  } finally { form.removeAttribute("aria-busy"); }
}

function locate() {
  const button = document.getElementById("locate");
  if (!button || !navigator.geolocation) { return; }
  button.hidden = false;
  button.addEventListener("click", () => {
    const place = document.getElementById("located");
    place.textContent = say("正在定位…", "Locating…");
    navigator.geolocation.getCurrentPosition((found) => {
      form.elements.lon.value = found.coords.longitude.toFixed(6);
      form.elements.lat.value = found.coords.latitude.toFixed(6);
      place.textContent = `${form.elements.lon.value}, ${form.elements.lat.value}`;
    }, () => { place.textContent = say("没有取得位置，可以不填。", "No position; it may be left out."); }, { enableHighAccuracy: true, timeout: 15000 });
  });
}

if (form && window.indexedDB) {
  form.elements.key.value = newKey(); // a page kept off line carries the same one each time it is opened
  if (navigator.serviceWorker) { navigator.serviceWorker.register(form.dataset.worker).catch(() => { /* only on line */ }); }
  form.addEventListener("submit", submit);
  window.addEventListener("online", flush);
  locate();
  flush().then(() => form.setAttribute("data-ready", ""));
}
