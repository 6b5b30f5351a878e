/* EcoCloud 生态云 · behaviour of the review page. Without it every decision is a plain form. */
(function () {
  "use strict";
  var doc = document;
  function one(selector, root) { return (root || doc).querySelector(selector); }
  function keysOn() { try { return window.localStorage.getItem("eco-keys") !== "off"; } catch (error) { return true; } }
  function typing(target) { return target.isContentEditable || (/^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName) && !/^(checkbox|radio|button|submit)$/.test(target.type || "")); }
  function wide() { return window.matchMedia("(min-width:1001px)").matches; }

  /* both panes show the current record; where the reader was is kept where possible */
  var seen = { source: 0, recs: 0 };
  function keep() { ["source", "recs"].forEach(function (name) { var pane = one("." + name); if (pane) { seen[name] = pane.scrollTop; } }); }
  function into(pane, element) {
    if (!pane || !element) { return; }
    var box = pane.getBoundingClientRect(), its = element.getBoundingClientRect();
    if (its.top < box.top + 70 || its.bottom > box.bottom - 20) { pane.scrollTop += its.top - box.top - Math.max(70, box.height / 3); }
  }
  function show() {
    var box = one("#x-split");
    if (box) { box.hidden = true; }
    if (!wide()) { return; }
    ["source", "recs"].forEach(function (name) { var pane = one("." + name); if (pane) { pane.scrollTop = seen[name]; } });
    into(one(".source"), one(".pin.now") || one("mark.cur"));
    into(one(".recs"), one(".rec.cur"));
  }

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
    if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || one("dialog[open]") || !keysOn()) { return; }
    var way = /^[jJ]$/.test(event.key) ? "next" : /^[kK]$/.test(event.key) ? "previous" : "";
    var link = way && one("[data-step='" + way + "']");
    if (link) { event.preventDefault(); link.click(); }
  });
  doc.addEventListener("htmx:beforeSwap", keep);
  doc.addEventListener("htmx:afterSettle", show);
  if (doc.readyState === "loading") { doc.addEventListener("DOMContentLoaded", show); } else { show(); }
}());
