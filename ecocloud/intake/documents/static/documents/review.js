/* EcoCloud 生态云 · behaviour of the review page. Without it every decision is a plain form. */
(function () {
  "use strict";
  var doc = document;
  function one(selector, root) { return (root || doc).querySelector(selector); }
  function keysOn() { try { return window.localStorage.getItem("eco-keys") !== "off"; } catch (error) { return true; } }
  function typing(target) { return target.isContentEditable || (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !/^(checkbox|radio|button|submit)$/.test(target.type || "")); }
  function wide() { return window.matchMedia("(min-width:1001px)").matches; }

  doc.documentElement.classList.add("js");
  function say(text) { var box = one("#announce"); if (box) { box.textContent = ""; box.textContent = text; } }
  var english = doc.documentElement.lang === "en";

  /* both panes show the current record; where the reader was is kept where possible */
  var seen = { source: 0, recs: 0 };
  function keep() { ["source", "recs"].forEach(function (name) { var pane = one("." + name); if (pane) { seen[name] = pane.scrollTop; } }); }
  function into(pane, element) {
    if (!pane || !element) { return; }
    var box = pane.getBoundingClientRect(), its = element.getBoundingClientRect();
    if (its.top < box.top + 70 || its.bottom > box.bottom - 20) { pane.scrollTop += its.top - box.top - Math.max(70, box.height / 3); }
  }
  function show() {
    ["#x-split", "#x-merge"].forEach(function (name) { var box = one(name); if (box) { box.hidden = true; } });
    asked = "";
    var now = one(".rec.cur"), at = doc.activeElement;
    /* the keyboard goes on where the work is; what the person is writing elsewhere keeps the focus */
    if (now && (!at || at === doc.body || at.id === "main")) { now.focus({ preventScroll: true }); }
    if (now && now.getAttribute("data-title") !== told) { told = now.getAttribute("data-title"); say(told); }
    if (!wide()) {
      if (seen.went && now) { now.scrollIntoView({ block: "start" }); }
      seen.went = false;
      return;
    }
    ["source", "recs"].forEach(function (name) { var pane = one("." + name); if (pane) { pane.scrollTop = seen[name]; } });
    into(one(".source"), one(".pin.now") || one("mark.cur"));
    into(one(".recs"), now);
  }
  var told = "", asked = "";

  /* what was written and not saved: said beside the buttons, and asked once before it is left */
  function unsaved() {
    var form = one(".deciding"), sign = one("[data-unsaved]");
    if (!form || !sign) { return false; }
    var changed = Array.from(form.elements).some(function (field) {
      if (!field.name || field.type === "hidden" || /^(cut|other|opinion|quote)$/.test(field.name)) { return false; }
      if (/^(checkbox|radio)$/.test(field.type)) { return field.checked !== field.defaultChecked; }
      if (field.tagName === "SELECT") { return Array.from(field.options).some(function (o) { return o.selected !== o.defaultSelected; }) && Array.from(field.options).some(function (o) { return o.defaultSelected; }); }
      return "defaultValue" in field && field.type !== "submit" && field.value !== field.defaultValue;
    });
    sign.hidden = !changed;
    return changed;
  }
  ["input", "change"].forEach(function (kind) {
    doc.addEventListener(kind, function (event) {
      if (event.target.closest && event.target.closest(".deciding")) { unsaved(); }
      if (event.target.matches && event.target.matches("[data-pick]")) {
        var chosen = doc.querySelectorAll("[data-pick]:checked").length, box = one(".picked"), number = one("[data-picked]");
        if (number) { number.textContent = chosen ? String(chosen) : ""; }
        if (box && chosen) { box.open = true; }
      }
    });
  });

  /* selecting text offers to add a record */
  function offset(node, at) {
    var host = node.nodeType === 3 ? node.parentElement : node;
    var block = host && host.closest("[data-start]");
    if (!block || !block.closest(".sheet")) { return -1; }
    var walker = doc.createTreeWalker(block, NodeFilter.SHOW_TEXT), count = 0, text = walker.nextNode();
    while (text) {
      if (!text.parentElement.closest("[data-skip]")) {
        if (text === node) { return Number(block.getAttribute("data-start")) + count + Array.from(text.data.slice(0, at)).length; }
        count += Array.from(text.data).length;
      }
      text = walker.nextNode();
    }
    return Number(block.getAttribute("data-start")) + count;
  }
  function offer() {
    var bar = one(".addbar"), chosen = window.getSelection();
    if (!bar) { return; }
    var range = chosen && chosen.rangeCount && !chosen.isCollapsed ? chosen.getRangeAt(0) : null;
    var start = range ? offset(range.startContainer, range.startOffset) : -1, end = range ? offset(range.endContainer, range.endOffset) : -1;
    bar.hidden = start < 0 || end <= start;
    if (!bar.hidden) { one("[name=start]", bar).value = start; one("[name=end]", bar).value = end; }
  }
  doc.addEventListener("selectionchange", function () { window.clearTimeout(offer.timer); offer.timer = window.setTimeout(offer, 120); });

  doc.addEventListener("click", function (event) {
    var mark = event.target.closest && event.target.closest(".sheet mark[data-r]");
    if (mark && mark.getAttribute("data-r") !== "0" && window.getSelection().isCollapsed && !event.target.closest("a")) {
      var link = one(".rec a[data-record='" + mark.getAttribute("data-r") + "']");
      if (link) { link.click(); } else { window.location.assign("?record=" + mark.getAttribute("data-r")); }
      return;
    }
    var button = event.target.closest && event.target.closest("[data-toggle]");
    if (button) { var box = doc.getElementById(button.getAttribute("data-toggle")); if (box) { event.preventDefault(); box.hidden = !box.hidden; var first = one("input", box); if (!box.hidden && first) { first.focus(); } } return; }
    button = event.target.closest && event.target.closest("[data-focus]");
    if (button) { var field = doc.getElementById(button.getAttribute("data-focus")); if (field) { event.preventDefault(); field.focus(); if (field.select) { field.select(); } } return; }
    button = event.target.closest && event.target.closest("[data-see]");
    if (button && wide()) { event.preventDefault(); into(one(".source"), one(".pin.now") || one("mark.cur")); var pane = one(".source"); if (pane) { pane.focus(); } }
  });
  doc.addEventListener("keydown", function (event) {
    if (event.defaultPrevented || event.isComposing) { return; }
    var form = event.target.closest && event.target.closest(".deciding"), dialog = one("dialog[open]");
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      var button = dialog ? one("[data-submit]", dialog) : form && (one("fieldset:not([hidden]):focus-within button", form) || one("[data-save]", form));
      if (button && !button.disabled) { event.preventDefault(); button.click(); if (!dialog) { event.target.blur(); } }
      return;
    }
    if (event.key === "Escape" && form && !dialog) {
      var open = one("fieldset:not([hidden]):focus-within", form);
      if (open) { open.hidden = true; }
      event.preventDefault(); one(".rec.cur").focus({ preventScroll: true });
      return;
    }
    if (event.key === "Enter" && form && typing(event.target) && event.target.tagName === "INPUT") { event.preventDefault(); return; } /* a line break never decides */
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || dialog || !keysOn()) { return; }
    var way = /^[jJ]$/.test(event.key) ? "next" : /^[kK]$/.test(event.key) ? "previous" : "";
    if (!way) { return; }
    event.preventDefault();
    if (unsaved() && asked !== way) {
      asked = way;
      var sign = one("[data-unsaved]"), words = english ? "Unsaved changes: press again to leave them." : "有未保存的修改，再按一次放弃并离开。";
      sign.textContent = words; say(words);
      return;
    }
    var link = one("[data-step='" + way + "']");
    if (link) { link.click(); } else { say(way === "next" ? (english ? "Last record." : "已是最后一条。") : (english ? "First record." : "已是第一条。")); }
  });
  doc.addEventListener("htmx:configRequest", function () { seen.went = true; });
  doc.addEventListener("htmx:beforeSwap", keep);
  doc.addEventListener("htmx:afterSettle", show);
  if (doc.readyState === "loading") { doc.addEventListener("DOMContentLoaded", show); } else { show(); }
}());
