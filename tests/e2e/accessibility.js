// Serious faults of a page for a screen reader, a keyboard, weak eyes; read by accessibility.py.
() => {
  const found = [], say = (what, element) => found.push(what + ': ' + (element ? element.outerHTML.slice(0, 110) : ''));
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const shown = (e) => { const s = getComputedStyle(e), b = e.getBoundingClientRect();
    return s.visibility !== 'hidden' && s.display !== 'none' && b.width > 0 && b.height > 0 && !e.closest('[hidden]'); };
  const text = (e) => (e.innerText || e.textContent || '').trim();
  const byIds = (ids) => (ids || '').split(/\s+/).map((id) => document.getElementById(id)).filter(Boolean);
  const name = (e) => e.getAttribute('aria-label') || byIds(e.getAttribute('aria-labelledby')).map(text).join(' ')
    || (e.labels && Array.from(e.labels).map(text).join(' ')) || e.getAttribute('alt') || text(e)
    || Array.from(e.querySelectorAll('img[alt],svg[aria-label],title')).map((x) => x.getAttribute('alt') || x.getAttribute('aria-label') || text(x)).join(' ')
    || e.getAttribute('title') || '';

  // 3.1.1, 2.4.2, 1.4.4
  if (!/^(zh-CN|en)$/.test(document.documentElement.lang)) say('no language of the page');
  if (!document.title.trim()) say('no title');
  const zoom = document.querySelector('meta[name=viewport]');
  if (!zoom || /user-scalable=no|maximum-scale/.test(zoom.content)) say('the page cannot be enlarged');
  // 1.3.1, 2.4.1: landmarks and the way past the head
  const plain = document.body.classList.contains('plain');  // a page of one purpose, without a way around
  for (const one of plain ? ['header', 'main', 'footer'] : ['header', 'nav', 'main', 'footer']) if (all('body ' + one).length < 1) say('no landmark ' + one);
  if (all('main').length !== 1) say('not one main');
  const navs = all('nav'); if (navs.some((nav) => !name(nav))) say('a nav without a name');
  const skip = document.querySelector('a.skip');
  if (!skip || !document.querySelector(skip.getAttribute('href'))) say('no way to skip the head');
  // 1.3.1, 2.4.6: headings
  let level = 0;
  for (const heading of all('h1,h2,h3,h4,h5,h6').filter(shown)) {
    const now = +heading.tagName[1];
    if (now > level + 1) say('heading level skipped', heading);
    if (!text(heading)) say('empty heading', heading);
    level = now;
  }
  if (all('h1').length !== 1) say('not one h1');
  // 1.1.1
  for (const image of all('img')) if (!image.hasAttribute('alt')) say('image without alt', image);
  for (const drawing of all('svg')) if (drawing.getAttribute('aria-hidden') !== 'true' && !name(drawing)) say('drawing without a name', drawing);
  // 4.1.2, 3.3.2, 2.4.4
  for (const control of all('input,select,textarea').filter((e) => e.type !== 'hidden'))
    if (!name(control) && shown(control)) say('field without a label', control);
  for (const act of all('a[href],button,summary').filter(shown)) if (!name(act).trim()) say('link or button without a name', act);
  for (const group of all('fieldset')) if (!group.querySelector('legend')) say('group without a legend', group);
  const radios = all('input[type=radio]'); if (radios.some((e) => !e.closest('fieldset'))) say('choice outside a group', radios[0]);
  // 4.1.1 in effect: ids and what points at them
  const ids = {}; for (const e of all('[id]')) { if (ids[e.id]) say('id twice', e); ids[e.id] = 1; }
  for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for'])
    for (const e of all('[' + attribute + ']')) for (const id of e.getAttribute(attribute).split(/\s+/)) if (!ids[id]) say(attribute + ' points nowhere', e);
  // 2.4.3
  for (const e of all('[tabindex]')) if (+e.getAttribute('tabindex') > 0) say('tabindex changes the order', e);
  for (const e of all('[aria-hidden=true] a,[aria-hidden=true] button,[aria-hidden=true] input')) say('hidden but reachable', e);
  // 1.3.1: lists and tables
  for (const item of all('li')) if (!/^(UL|OL|MENU)$/.test(item.parentElement.tagName)) say('item without a list', item);
  for (const table of all('table')) if (!table.querySelector('th')) say('table without heads', table);
  for (const head of all('th')) if (!head.hasAttribute('scope')) say('head without scope', head);
  // 2.5.8: targets
  for (const e of all('button,select,input:not([type=hidden]),nav a,.btn').filter(shown)) {
    const box = e.getBoundingClientRect(); if (box.height < 24 || box.width < 24) if (!e.classList.contains('pub-file')) say('target under 24 px', e); }
  // 1.4.3: contrast of text against the nearest ground with a colour
  const colour = (value) => (value.match(/[\d.]+/g) || []).map(Number);
  const light = (c) => { const p = c.slice(0, 3).map((x) => { x /= 255; return x <= 0.04045 ? x / 12.92 : Math.pow((x + 0.055) / 1.055, 2.4); });
    return 0.2126 * p[0] + 0.7152 * p[1] + 0.0722 * p[2]; };
  const ground = (e) => { for (; e; e = e.parentElement) { const s = getComputedStyle(e), c = colour(s.backgroundColor);
      if (s.backgroundImage !== 'none') return colour(s.backgroundImage.split('rgb').pop());
      if (c.length === 3 || (c.length === 4 && c[3] === 1)) return c; } return [255, 255, 255]; };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const e = walker.currentNode.parentElement;
    if (!walker.currentNode.textContent.trim() || e.closest('script,style,svg,.vh,option,optgroup,.skip,[hidden]') || !shown(e)) continue;
    const s = getComputedStyle(e), a = light(colour(s.color)), b = light(ground(e));
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), size = parseFloat(s.fontSize);
    const large = size >= 24 || (size >= 18.66 && +s.fontWeight >= 700);
    if (ratio < (large ? 3 : 4.5)) say('contrast ' + ratio.toFixed(2), e);
  }
  return found;
}
