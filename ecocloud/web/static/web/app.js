/* EcoCloud 生态云 · behaviour of the shell. Every page can be read without it; dialogs, drawers and charts need it. No framework, no inline code. */
(function () {
  "use strict";
  var doc = document;
  var english = doc.documentElement.lang === "en";
  function one(selector, root) { return (root || doc).querySelector(selector); }
  function all(selector, root) { return Array.prototype.slice.call((root || doc).querySelectorAll(selector)); }
  function say(text) { var box = one("#announce"); if (box) { box.textContent = ""; box.textContent = text; } }

  /* ---- settings of this browser ---- */
  function stored(key) { try { return window.localStorage.getItem(key); } catch (error) { return null; } }
  function store(key, value) { try { window.localStorage.setItem(key, value); } catch (error) { /* private window */ } }
  function keysOn() { return stored("eco-keys") !== "off"; }

  /* ---- pages of a person that a worker keeps for where there is no network go at sign-out ---- */
  doc.addEventListener("submit", function (event) {
    if (!/\/sign-out$/.test(event.target.getAttribute("action") || "") || !window.caches) { return; }
    window.caches.keys().then(function (names) {
      names.forEach(function (name) { if (name.indexOf("eco-own-") === 0) { window.caches.delete(name); } });
    });
  });

  /* ---- keyboard ---- */
  function inField(target) {
    return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !/^(checkbox|radio|button|submit)$/.test(target.type || "");
  }
  function rows() {
    var list = one("[data-list]");
    return list ? all("tbody tr, li[data-row]", list).filter(function (row) { return one("a.t, a[data-drawer]", row); }) : [];
  }
  function move(step) {
    var lines = rows();
    if (!lines.length) { return; }
    var at = lines.findIndex(function (row) { return row.hasAttribute("data-cursor"); });
    if (at < 0) { at = lines.findIndex(function (row) { return row.getAttribute("aria-selected") === "true"; }); if (at < 0) { at = step > 0 ? -1 : 0; } }
    lines.forEach(function (row) { row.removeAttribute("data-cursor"); });
    var row = lines[Math.max(0, Math.min(lines.length - 1, at + step))];
    row.setAttribute("data-cursor", "");
    one("a.t, a[data-drawer]", row).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }
  function closeDrawer() {
    var slot = one("#drawer");
    var close = slot && one("[data-close-drawer]", slot);
    if (!close) { return false; }
    close.click();
    return true;
  }
  doc.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (event.key === "Escape" && !one("dialog[open]")) {
      var open = one("details.pop[open]");
      if (open) { open.removeAttribute("open"); one("summary", open).focus(); return; }
      var menu = one("#menu-switch:checked");
      if (menu) { menu.checked = false; return; }
      if (!inField(event.target)) { closeDrawer(); }
      return;
    }
    if (inField(event.target) || one("dialog[open]") || !keysOn()) { return; }
    var key = event.key;
    if (key === "/") {
      var field = one("[data-shortcut='/']");
      if (field && field.offsetParent !== null) { event.preventDefault(); field.focus(); field.select(); }
    } else if (key === "?") {
      event.preventDefault(); openDialog("shortcuts");
    } else if (key === "j" || key === "J") {
      move(1);
    } else if (key === "k" || key === "K") {
      move(-1);
    } else if (key === "Enter") {
      var row = one("[data-list] [data-cursor]");
      if (row && !event.target.closest("a, button, summary, label")) { one("a.t, a[data-drawer]", row).click(); }
    } else if (key.length === 1) {
      var button = one("[data-key='" + (window.CSS ? CSS.escape(key.toUpperCase()) : "") + "']");
      if (button && button.offsetParent !== null && !button.disabled) { event.preventDefault(); button.click(); }
    }
  });

  /* ---- dialogs: opened by data-dialog, focus returns to the opener ---- */
  function openDialog(id) {
    var dialog = doc.getElementById(id);
    if (!dialog || !dialog.showModal || dialog.open) { return; }
    var opener = doc.activeElement;
    dialog.addEventListener("close", function () { if (opener && opener.isConnected) { opener.focus(); } }, { once: true });
    dialog.showModal();
    var field = one("textarea, input:not([type=hidden]):not([type=checkbox]), select", dialog);
    if (field) { field.focus(); }
  }
  function guard(form) {
    var field = one("textarea[required]", form), submit = one("[data-submit]", form), why = one("[data-why]", form);
    if (!field || !submit) { return; }
    var ready = field.value.trim().length > 0;
    submit.disabled = !ready;
    if (why) { why.hidden = ready; }
  }
  function prepare(root) {
    all("form[data-needs-opinion]", root).forEach(guard);
    all("[data-toast]", root).forEach(showToast);
    all("form[data-autosubmit]", root).forEach(function (form) { form.classList.add("auto"); });
    all("[data-act='keys-on']", root).forEach(function (box) { box.checked = keysOn(); });
    bulk(root);
    charts(root);
  }
  doc.addEventListener("input", function (event) {
    var form = event.target.closest && event.target.closest("form[data-needs-opinion]");
    if (form) { guard(form); }
  });
  doc.addEventListener("keydown", function (event) { /* Enter never confirms */
    if (event.key === "Enter" && !event.isComposing && event.target.matches("dialog input:not([type=checkbox]):not([type=submit])") && !event.target.closest("[data-enter]")) { event.preventDefault(); }
  });
  doc.addEventListener("submit", function (event) { /* a second press does not send twice */
    var form = event.target;
    if (form.method !== "post" || form.hasAttribute("hx-post")) { return; }
    if (form.hasAttribute("data-sent")) { event.preventDefault(); return; }
    form.setAttribute("data-sent", "");
    window.setTimeout(function () { form.removeAttribute("data-sent"); }, 8000);
  });

  /* ---- clicks ---- */
  doc.addEventListener("click", function (event) {
    var target = event.target;
    if (!target.closest) { return; }
    var button = target.closest("[data-dialog]");
    if (button) { event.preventDefault(); openDialog(button.getAttribute("data-dialog")); return; }
    button = target.closest("[data-close]");
    if (button) { var dialog = button.closest("dialog"); if (dialog) { dialog.close(); } return; }
    button = target.closest("[data-act]");
    if (button) { act(button); }
    button = target.closest("[data-close-drawer]");
    if (button && !event.ctrlKey && !event.metaKey && one("#drawer")) {
      event.preventDefault();
      one("#drawer").innerHTML = "";
      all("[data-list] [aria-selected=true]").forEach(function (row) { row.setAttribute("aria-selected", "false"); });
      window.history.pushState({}, "", button.href || window.location.pathname);
      shown = address();
      var cursor = one("[data-list] [data-cursor] a.t");
      if (cursor) { cursor.focus({ preventScroll: true }); }
    }
    all("details.pop[open]").forEach(function (box) { if (!box.contains(target)) { box.removeAttribute("open"); } });
  });
  function act(button) {
    var name = button.getAttribute("data-act");
    if (name === "large") {
      var on = doc.documentElement.classList.toggle("large");
      doc.cookie = "large=" + (on ? "1" : "0") + ";path=/;max-age=31536000;samesite=lax";
    } else if (name === "shortcuts") {
      openDialog("shortcuts");
    } else if (name === "keys-on") {
      store("eco-keys", button.checked ? "on" : "off");
    } else if (name === "print") {
      window.print();
    } else if (name === "copy") {
      copy(doc.getElementById(button.getAttribute("data-copy")));
    }
  }

  function copy(box) { /* marked at least, where the browser gives no clipboard to a page without https */
    if (!box) { return; }
    var range = doc.createRange();
    range.selectNodeContents(box);
    var marked = window.getSelection();
    marked.removeAllRanges();
    marked.addRange(range);
    if (window.navigator.clipboard) { window.navigator.clipboard.writeText(box.textContent); } else { doc.execCommand("copy"); }
  }

  /* ---- lists ---- */
  doc.addEventListener("change", function (event) {
    var target = event.target;
    var form = target.closest("form[data-autosubmit]");
    if (form && target.matches("select, input[type=checkbox], input[type=date]")) { submitClean(form); return; }
    if (target.matches("[data-check-all]")) {
      all("tbody input[type=checkbox][name]", target.closest("table")).forEach(function (box) { box.checked = target.checked; });
    }
    if (target.closest("[data-list]")) { bulk(doc); }
  });
  function submitClean(form) { /* keep the address short: empty parameters are left out */
    var query = new URLSearchParams();
    new FormData(form).forEach(function (value, key) { if (value !== "") { query.append(key, value); } });
    var text = query.toString();
    window.location.assign((form.getAttribute("action") || window.location.pathname) + (text ? "?" + text : ""));
  }
  doc.addEventListener("submit", function (event) {
    if (event.target.matches("form[data-autosubmit]")) { event.preventDefault(); submitClean(event.target); }
  });
  function bulk(root) {
    all("[data-bulk]", root).forEach(function (bar) {
      var list = doc.getElementById(bar.getAttribute("data-bulk"));
      var chosen = list ? all("tbody input[type=checkbox][name]:checked", list).length : 0;
      bar.hidden = chosen === 0;
      var number = one("[data-bulk-count]", bar);
      if (number) { number.textContent = String(chosen); }
    });
  }

  /* ---- toasts: 6 s, stay while pointed at ---- */
  function showToast(toast) {
    var box = one("#toasts");
    if (!box || toast.hasAttribute("data-shown")) { return; }
    toast.setAttribute("data-shown", "");
    box.appendChild(toast);
    var timer;
    function start() { timer = window.setTimeout(function () { toast.remove(); }, 6000); }
    toast.addEventListener("mouseenter", function () { window.clearTimeout(timer); });
    toast.addEventListener("mouseleave", start);
    toast.addEventListener("focusin", function () { window.clearTimeout(timer); });
    start();
  }

  /* ---- charts: loaded only where a page has one ---- */
  function charts(root) {
    var found = all("[data-chart]:not([data-ready])", root);
    if (!found.length) { return; }
    if (window.ecoCharts) { found.forEach(window.ecoCharts.draw); return; }
    load(doc.body.getAttribute("data-echarts"), function () {
      load(doc.body.getAttribute("data-charts"), function () { all("[data-chart]:not([data-ready])").forEach(window.ecoCharts.draw); });
    });
  }
  var loading = {};
  function load(url, then) {
    if (!url) { return; }
    if (loading[url]) { if (loading[url] === true) { then(); } else { loading[url].push(then); } return; }
    loading[url] = [then];
    var script = doc.createElement("script");
    script.src = url;
    script.onload = function () { var waiting = loading[url]; loading[url] = true; waiting.forEach(function (call) { call(); }); };
    doc.head.appendChild(script);
  }
  window.ecoLoad = load;

  /* ---- htmx: what it brings is prepared like the page; refusals are shown as sentences ---- */
  doc.addEventListener("htmx:afterSettle", function (event) { prepare(event.target.parentNode || doc); });
  doc.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target && event.detail.target.id === "drawer") {
      var slot = one("#drawer"), heading = one("#drawer h2");
      all("[data-list] tr[aria-selected]").forEach(function (row) { row.setAttribute("aria-selected", "false"); });
      var opener = event.detail.requestConfig && event.detail.requestConfig.elt;
      var row = opener && opener.closest && opener.closest("[data-list] tr");
      if (row) { row.setAttribute("aria-selected", "true"); }
      if (slot) { slot.scrollTop = 0; }
      if (heading) { say((english ? "Opened: " : "已打开：") + heading.textContent); }
    }
  });
  function refusal(event) {
    var text = "", request = event.detail.xhr;
    try { var body = JSON.parse(request.responseText); text = (english ? body.message_en : body.message_zh) + (english ? "" : body.remedy_zh || ""); } catch (error) { text = ""; }
    if (request && request.status === 401) { window.location.reload(); return; }
    var note = doc.createElement("p");
    note.className = "note bad";
    note.setAttribute("role", "alert");
    note.textContent = text || (english ? "The request was not carried out. Please try again." : "没有完成，请重试。");
    var place = event.detail.elt.closest("dialog, .drawer, form, section") || one("#main");
    all(":scope > .note.bad[role=alert]", place).forEach(function (old) { old.remove(); });
    place.insertBefore(note, place.firstChild);
    note.scrollIntoView({ block: "nearest" });
  }
  doc.addEventListener("htmx:responseError", refusal);
  doc.addEventListener("htmx:sendError", refusal);
  var shown = window.location.pathname + window.location.search;
  function address() { return window.location.pathname + window.location.search; }
  doc.addEventListener("htmx:pushedIntoHistory", function () { shown = address(); });
  window.addEventListener("popstate", function () { /* address and page always agree; places within the page need no reload */
    if (address() !== shown && (!window.history.state || !window.history.state.htmx)) { window.location.reload(); }
  });

  if (doc.readyState === "loading") { doc.addEventListener("DOMContentLoaded", function () { prepare(doc); }); } else { prepare(doc); }
}());
