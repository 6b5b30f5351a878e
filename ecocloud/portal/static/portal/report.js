/* The report form with scripts: photos shrunk before they are sent, position of photo or device, hint of like reports,
   drafts kept on this device without a network and sent later. Without scripts the form works as it is. No inline code. */
(function () {
  "use strict";
  var doc = document, form = doc.getElementById("report");
  if (!form || !window.fetch || !window.FormData || !window.Promise) { return; }
  var words = JSON.parse(form.getAttribute("data-words"));
  var side = +form.getAttribute("data-side"), bytes = +form.getAttribute("data-bytes"), most = +form.getAttribute("data-most");
  var shots = [], chosen = false, busy = false, again = 0, pause = 3000;
  function id(name) { return doc.getElementById(name); }
  function field(name) { return form.elements[name]; }
  function make(tag, text, css) { var e = doc.createElement(tag); if (text) { e.textContent = text; } if (css) { e.className = css; } return e; }
  doc.documentElement.classList.add("scripted");

  /* ---- where and how a photo was taken: EXIF, read before shrinking, which drops it ---- */
  function exif(buffer) {
    var v = new DataView(buffer), at = 2;
    if (v.byteLength < 4 || v.getUint16(0) !== 0xFFD8) { return null; }
    while (at + 10 < v.byteLength && v.getUint8(at) === 0xFF) {
      var mark = v.getUint8(at + 1), size = v.getUint16(at + 2);
      if (mark === 0xDA) { return null; }
      if (mark === 0xE1 && v.getUint32(at + 4) === 0x45786966) { return gps(v, at + 10); }
      at += 2 + size;
    }
    return null;
  }
  function gps(v, base) {
    var little = v.getUint16(base) === 0x4949;
    function u16(at) { return v.getUint16(base + at, little); }
    function u32(at) { return v.getUint32(base + at, little); }
    function tags(at) { var found = {}; for (var i = 0; i < u16(at); i++) { var e = at + 2 + 12 * i; found[u16(e)] = e; } return found; }
    var first = tags(u32(4));
    if (!first[0x8825]) { return null; }
    var g = tags(u32(first[0x8825] + 8));
    function degrees(tag) {
      var at = u32(g[tag] + 8), parts = [0, 1, 2].map(function (n) { var low = u32(at + 8 * n + 4); return low ? u32(at + 8 * n) / low : 0; });
      return parts[0] + parts[1] / 60 + parts[2] / 3600;
    }
    if (!g[1] || !g[2] || !g[3] || !g[4]) { return null; }
    var lat = degrees(2), lon = degrees(4);
    if (v.getUint8(base + g[1] + 8) === 83) { lat = -lat; }
    if (v.getUint8(base + g[3] + 8) === 87) { lon = -lon; }
    return lat || lon ? { lon: lon, lat: lat } : null;
  }

  /* ---- photos ---- */
  function shrink(file) {
    return createImageBitmap(file).then(function (bitmap) {
      var scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
      var canvas = doc.createElement("canvas");
      canvas.width = Math.round(bitmap.width * scale); canvas.height = Math.round(bitmap.height * scale);
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      function at(quality) {
        return new Promise(function (done) { canvas.toBlob(done, "image/jpeg", quality); }).then(function (blob) {
          return blob && blob.size > bytes && quality > 0.45 ? at(quality - 0.15) : blob || file;
        });
      }
      return at(0.85);
    }).catch(function () { return file; });  // what the browser cannot draw the server will judge
  }
  function add(file) {
    if (shots.length + doc.querySelectorAll("#photos .kept").length >= most) { return Promise.resolve(); }
    return file.arrayBuffer().then(function (buffer) {
      var place = null;
      try { place = exif(buffer); } catch (error) { place = null; }
      if (place && !field("lon").value && !chosen) { settle(place.lon, place.lat, words.photoplace); }
      return shrink(file);
    }).then(function (blob) { shots.push({ blob: blob, name: file.name }); show(); });
  }
  function show() {
    var box = id("photos");
    Array.prototype.slice.call(box.querySelectorAll(".shot")).forEach(function (e) { e.remove(); });
    shots.forEach(function (shot, n) {
      var cell = make("div", "", "shot"), image = make("img"), button = make("button"), sign = make("span", "×");
      image.alt = words.photo + " " + (n + 1); image.src = shot.url = shot.url || URL.createObjectURL(shot.blob);
      button.type = "button"; button.setAttribute("aria-label", words.remove + " " + (n + 1)); sign.setAttribute("aria-hidden", "true"); button.appendChild(sign);
      button.addEventListener("click", function () { shots.splice(n, 1); show(); id("photo").focus(); });
      cell.appendChild(image); cell.appendChild(button); box.insertBefore(cell, box.lastElementChild);
    });
  }
  id("photo").addEventListener("change", function () {
    var files = Array.prototype.slice.call(this.files);
    this.value = "";
    files.reduce(function (before, file) { return before.then(function () { return add(file); }); }, Promise.resolve());
  });

  /* ---- place ---- */
  function settle(lon, lat, text) {
    field("lon").value = lon.toFixed(6); field("lat").value = lat.toFixed(6);
    id("located").textContent = text + " " + lon.toFixed(4) + ", " + lat.toFixed(4);
    form.dispatchEvent(new CustomEvent("placed", { detail: { lon: lon, lat: lat } }));
    ask(text);
  }
  form.addEventListener("picked", function (event) {  // of the map: it outranks a division chosen before that lies elsewhere
    var place = event.detail, region = field("region");
    if (region.value.indexOf(place.code) !== 0) { region.value = place.code; id("village").textContent = ""; id("village-box").hidden = true; }
    chosen = true;
    settle(place.lon, place.lat, words.picked + " " + place.name);
  });
  function ask(text) {
    var lon = field("lon").value, lat = field("lat").value, picked = form.querySelector("[name=category]:checked");
    if (!lon || !navigator.onLine) { return; }
    fetch(form.getAttribute("data-near") + "?lon=" + lon + "&lat=" + lat + "&category=" + (picked ? picked.value : ""), { headers: { Accept: "application/json" } })
      .then(function (answer) { return answer.ok ? answer.json() : null; }).then(function (found) {
        if (!found) { return; }
        if (found.outside) { id("located").textContent = found.outside; field("lon").value = field("lat").value = ""; return; }
        if (found.place && text) { id("located").textContent = text + " " + found.place.name; if (!field("region").value) { field("region").value = found.place.region; } }
        hint(found.near);
      }).catch(function () { /* the hint is an extra */ });
  }
  function hint(near) {
    var box = id("near"); box.textContent = "";
    if (!near.length) { return; }
    field("near_ok").value = "1";
    var note = make("div", "", "note warn"), inner = make("div");
    inner.appendChild(make("p", words.near));
    near.forEach(function (one) {
      var line = make("p"), link = make("a", one.number), same = make("button", words.same, "btn");
      link.href = one.url; same.type = "button";
      line.appendChild(link); line.appendChild(doc.createTextNode(" " + one.metres + " " + words.metres + " · " + one.state + " "));
      same.addEventListener("click", function () {
        var data = new FormData(); data.append("csrfmiddlewaretoken", field("csrfmiddlewaretoken").value);
        fetch(one.url + "seen/", { method: "POST", body: data, headers: { Accept: "application/json" } }).then(function (answer) {
          if (answer.ok) { box.textContent = ""; box.appendChild(make("p", words.thanks, "note")); }
        });
      });
      line.appendChild(same); inner.appendChild(line);
    });
    note.appendChild(inner); box.appendChild(note);
  }
  var locate = id("locate");
  if (navigator.geolocation) {
    locate.hidden = false;
    locate.addEventListener("click", function () {
      navigator.geolocation.getCurrentPosition(function (found) {
        var where = found.coords;
        settle(where.longitude, where.latitude, words.located + (where.accuracy ? " " + words.accuracy + " " + Math.round(where.accuracy) : ""));
      }, function () { id("located").textContent = words.nolocate; id("region").focus(); }, { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 });
    });
  }
  id("region").addEventListener("change", function () {
    chosen = true;
    var box = id("village-box"), list = id("village");
    list.textContent = ""; list.appendChild(new Option(words.none, "")); box.hidden = true;
    if (!this.value || !navigator.onLine) { return; }
    fetch(form.getAttribute("data-near") + "?township=" + this.value, { headers: { Accept: "application/json" } }).then(function (answer) { return answer.json(); }).then(function (found) {
      (found.villages || []).forEach(function (one) { list.appendChild(new Option(one.name, one.code)); });
      box.hidden = !found.villages || !found.villages.length;
    }).catch(function () { box.hidden = true; });
  });
  Array.prototype.forEach.call(form.querySelectorAll("[name=category]"), function (one) { one.addEventListener("change", function () { ask(""); }); });

  /* ---- drafts on this device ---- */
  function store(mode, act) {
    return new Promise(function (done, failed) {
      var opening = indexedDB.open("eco-report", 1);
      opening.onupgradeneeded = function () { opening.result.createObjectStore("drafts", { keyPath: "key" }); };
      opening.onerror = function () { failed(opening.error); };
      opening.onsuccess = function () {
        var tx = opening.result.transaction("drafts", mode), asked = act(tx.objectStore("drafts"));
        tx.oncomplete = function () { opening.result.close(); done(asked && asked.result); };
        tx.onerror = tx.onabort = function () { failed(tx.error); };
      };
    });
  }
  function drafts() { return store("readonly", function (box) { return box.getAll(); }); }
  function forget(key) { return store("readwrite", function (box) { return box.delete(key); }); }
  function collect() {
    var plain = {};
    new FormData(form).forEach(function (value, name) {
      if (name === "photo" || name === "csrfmiddlewaretoken") { return; }
      if (name === "kept") { (plain.kept = plain.kept || []).push(value); } else { plain[name] = value; }
    });
    return { key: plain.client_key, at: Date.now(), fields: plain, shots: shots.map(function (shot) { return { blob: shot.blob, name: shot.name }; }) };
  }
  function body(draft, token) {
    var data = new FormData();
    Object.keys(draft.fields).forEach(function (name) { [].concat(draft.fields[name]).forEach(function (value) { data.append(name, value); }); });
    draft.shots.forEach(function (shot) { data.append("photo", shot.blob, shot.blob.type === "image/jpeg" ? "photo.jpg" : shot.name); });
    data.append("csrfmiddlewaretoken", token);
    return data;
  }
  function post(draft, token) {
    return fetch(form.action, { method: "POST", body: body(draft, token), headers: { Accept: "application/json" } }).then(function (answer) {
      return answer.json().then(function (found) { found.status = answer.status; return found; });
    });
  }
  function token() {  // a page kept off line may carry an old one
    return fetch(form.action, { cache: "no-store" }).then(function (answer) { return answer.text(); }).then(function (html) {
      return new DOMParser().parseFromString(html, "text/html").querySelector("[name=csrfmiddlewaretoken]").value;
    });
  }
  function send(draft) {  // sent, or refused with the server's words, or not reached (then it rejects)
    return token().then(function (now) { draft.fields.near_ok = "1"; return post(draft, now); }).then(function (found) {
      if (found.url) { return forget(draft.key).then(function () { return found; }); }
      draft.refused = found.problems && found.problems.length ? found.problems[0].text : words.broken;
      return store("readwrite", function (box) { return box.put(draft); }).then(function () { return found; });
    });
  }
  function button(text, label, act) {
    var made = make("button", text, "btn");
    made.type = "button"; if (label) { made.setAttribute("aria-label", text + " " + label); }
    made.addEventListener("click", act);
    return made;
  }
  function line(row) {
    var item = make("li"), when = new Date(row.at || 0), about = [row.at ? when.toLocaleString(doc.documentElement.lang) : ""];
    var picked = form.querySelector('[name=category][value="' + (row.fields.category || "-") + '"] + span');
    if (picked) { about.push(picked.textContent.trim()); }
    about.push(words.photo + " " + row.shots.length);
    if (row.fields.text) { about.push(row.fields.text.slice(0, 24)); }
    var text = about.filter(Boolean).join(" · ");
    item.appendChild(make("p", text));
    if (row.refused) { item.appendChild(make("p", words.refused + row.refused, "pub-refused")); }
    item.appendChild(button(words.goon, text, function () { restore(row); }));
    item.appendChild(button(words.drop, text, function () { forget(row.key).then(list); }));
    return item;
  }
  function list() {
    return drafts().then(function (rows) {
      var box = id("drafts");
      Array.prototype.slice.call(box.querySelectorAll(".waiting")).forEach(function (e) { e.remove(); });
      if (!rows.length) { return rows; }
      rows.sort(function (a, b) { return (a.at || 0) - (b.at || 0); });
      var note = make("div", "", "note waiting"), inner = make("div"), lines = make("ul", "", "pub-drafts");
      inner.appendChild(make("p", words.waiting + " " + rows.length));
      rows.forEach(function (row) { lines.appendChild(line(row)); });
      inner.appendChild(lines); inner.appendChild(button(words.sendnow, "", flush));
      note.appendChild(inner); box.appendChild(note);
      return rows;
    }).catch(function () { return []; });
  }
  function restore(row) {  // back into the form under its own key; it stays kept until it is sent
    Object.keys(row.fields).forEach(function (name) {
      var held = field(name);
      if (held && name !== "kept" && name !== "near_ok") { held.value = row.fields[name]; }
    });
    shots = row.shots.map(function (shot) { return { blob: shot.blob, name: shot.name }; });
    show(); id("located").textContent = row.fields.lon ? row.fields.lon + ", " + row.fields.lat : "";
    id("text").focus();
  }
  function flush() {
    if (busy || !navigator.onLine) { return Promise.resolve(); }
    busy = true;
    return drafts().then(function (rows) {
      return rows.reduce(function (before, row) {
        return before.then(function () { return send(row); }).then(function (found) {
          if (!found.url) { return; }
          var line = make("p", words.sent + " " + found.number + " ", "note sent"), link = make("a", words.look);
          link.href = found.url; line.appendChild(link); id("drafts").appendChild(line);
        });
      }, Promise.resolve());
    }).then(function () { pause = 3000; }, function () {  // the device says on line, the server is not reached yet: try again
      if (navigator.onLine) { window.clearTimeout(again); again = window.setTimeout(flush, pause); pause = Math.min(2 * pause, 60000); }
    }).then(function () { busy = false; return list(); });
  }
  function keep() {
    var draft = collect();
    return store("readwrite", function (box) { return box.put(draft); }).then(function () {
      shots = []; show(); form.reset();
      field("client_key").value = fresh(); field("lon").value = field("lat").value = field("near_ok").value = "";
      id("located").textContent = ""; id("near").textContent = "";
      id("problems").textContent = ""; id("problems").appendChild(make("p", words.saved, "note"));
      return list();
    }, function () { tell([{ field: "", text: words.nostore }]); });
  }
  function fresh() {
    var numbers = new Uint8Array(16); crypto.getRandomValues(numbers);
    return Array.prototype.map.call(numbers, function (n) { return ("0" + n.toString(16)).slice(-2); }).join("");
  }

  /* ---- sending ---- */
  function tell(problems) {
    var box = id("problems"), note = make("div", "", "note bad"), inner = make("div"), lines = make("ul");
    box.textContent = ""; inner.appendChild(make("b", words.bad));
    problems.forEach(function (one) {
      var line = make("li"), link = make(one.field ? "a" : "span", one.text);
      if (one.field) { link.href = "#f-" + one.field; }
      line.appendChild(link); lines.appendChild(line);
    });
    inner.appendChild(lines); note.appendChild(inner); box.appendChild(note); box.focus(); box.scrollIntoView({ block: "nearest" });
  }
  form.addEventListener("submit", function (event) {
    event.preventDefault();
    if (busy) { return; }
    var button = id("send"), text = button.textContent;
    if (!navigator.onLine) { keep(); return; }
    busy = true; button.textContent = words.sending;
    post(collect(), field("csrfmiddlewaretoken").value).then(function (found) {
      if (found.url) { return forget(field("client_key").value).catch(function () { /* was no draft */ }).then(function () { window.location.assign(found.url); }); }
      if (found.near && found.near.length) { hint(found.near); id("near").scrollIntoView({ block: "center" }); return; }
      tell(found.problems || [{ field: "", text: words.broken }]);
    }, function (error) { return error instanceof SyntaxError ? tell([{ field: "", text: words.broken }]) : keep(); })
      .then(function () { busy = false; button.textContent = text; });
  });
  function state() { id("offline").hidden = navigator.onLine; if (navigator.onLine) { flush(); } }
  window.addEventListener("online", state); window.addEventListener("offline", state);
  if (navigator.serviceWorker) { navigator.serviceWorker.register(form.getAttribute("data-worker"), { scope: form.getAttribute("data-scope") }).catch(function () { /* only off line */ }); }
  field("client_key").value = fresh();  // a page kept off line carries the same one each time it is opened
  list(); state();
})();
