/* EcoCloud 生态云 · draws `data-chart` figures with ECharts. Colours come from the tokens of the figure's own theme;
   tooltips are drawn on the canvas, so that no inline style is written into the page. */
(function () {
  "use strict";
  var english = document.documentElement.lang === "en";
  var still = window.matchMedia("(prefers-reduced-motion:reduce)").matches;
  function tokens(element) {
    var style = window.getComputedStyle(element);
    return function (name) { return style.getPropertyValue("--" + name).trim(); };
  }
  function grouped(value) {
    if (value === null || value === undefined || value !== value || value === "-") { return "—"; }
    var parts = String(value).replace("-", "\u2212").split(".");
    if (parts[0].replace("\u2212", "").length >= 4) { parts[0] = parts[0].replace(/\B(?=(\d{3})+$)/g, "\u2009"); }
    return parts.join(".");
  }
  function textWidth(text) { /* in px at 12 px: full-width signs 12, others about 7 */
    var width = 0;
    String(text).split("").forEach(function (sign) { width += sign.charCodeAt(0) > 0x2e80 ? 12 : 7; });
    return width;
  }
  function axes(spec, t, room) {
    var font = { color: t("ink-3"), fontSize: 12 };
    var names = { type: "category", data: spec.categories, axisLine: { lineStyle: { color: t("line-strong") } }, axisTick: { show: false }, axisLabel: Object.assign({ hideOverlap: true }, font) };
    var values = { type: "value", scale: spec.kind !== "bar", min: spec.kind === "bar" ? 0 : null, axisLine: { show: false }, axisTick: { show: false }, splitNumber: 4, splitLine: { lineStyle: { color: t("grid") } }, axisLabel: Object.assign({ formatter: grouped }, font) };
    if (spec.kind === "bar") { values.min = function (range) { return Math.min(0, range.min); }; }
    if (spec.sideways) {
      names.axisLabel = Object.assign({ width: Math.min(170, Math.round(room * 0.4)), overflow: "break", lineHeight: 15, interval: 0 }, font);
      values.splitNumber = room < 420 ? 2 : 3;
    }
    return spec.sideways ? { xAxis: values, yAxis: Object.assign(names, { inverse: true }) } : { xAxis: names, yAxis: values };
  }
  function limitWord(limit) { return limit.name + " " + grouped(limit.value); }
  function limitLines(spec, t) {
    return {
      silent: true, symbol: "none",
      data: (spec.limits || []).map(function (limit) {
        var line = { lineStyle: { color: limit.target ? t("ink") : t("limit"), type: limit.target ? "solid" : "dashed", width: 1.2 }, label: { formatter: limitWord(limit), color: limit.target ? t("ink") : t("limit"), position: "end", fontSize: 12 } };
        line[spec.sideways ? "xAxis" : "yAxis"] = limit.value;
        return line;
      }),
    };
  }
  function series(spec, t) {
    var solid = 0;
    return spec.series.map(function (one, index) {
      var reference = one.style === "reference";
      var colour = reference ? t("series-ref") : t("series-" + (++solid));
      var item = {
        name: one.name, type: spec.kind, data: one.values.map(function (value, at) {
          if (value === null) { return "-"; }
          if (one.marks.indexOf(at) >= 0 || one.style === "provisional") { return { value: value, itemStyle: { color: t("surface"), borderColor: colour, borderWidth: 1.5 } }; }
          return value;
        }),
        itemStyle: { color: colour }, emphasis: { disabled: spec.kind === "line" },
      };
      if (spec.kind === "line") {
        item.connectNulls = false; item.symbol = reference ? "none" : "circle"; item.symbolSize = 5;
        item.lineStyle = { color: colour, width: reference ? 1.5 : 2, type: reference ? "dotted" : "solid" };
        item.endLabel = { show: spec.series.length > 1, formatter: function () { return one.name; }, color: reference ? t("ink-3") : colour, fontSize: 12 };
        item.labelLayout = { moveOverlap: "shiftY" };
      } else if (spec.kind === "bar") {
        item.barMaxWidth = 28;
        item.label = { show: spec.series.length === 1 && one.values.length <= 15, position: spec.sideways ? "right" : "top", color: t("ink"), fontSize: 12, formatter: function (point) { return grouped(point.value); } };
      } else { item.symbolSize = 8; }
      if (index === 0 && (spec.limits || []).length) { item.markLine = limitLines(spec, t); }
      return item;
    });
  }
  function tooltip(t, trigger) {
    return {
      trigger: trigger, renderMode: "richText", confine: true, transitionDuration: 0, backgroundColor: t("surface"), borderColor: t("line-strong"), textStyle: { color: t("ink"), fontSize: 12 },
    };
  }
  function pieces(numbers, most, ramp, whole) { /* classes with round limits; a value equal to a limit belongs to the class above; whole: numbers that are counted */
    if (!numbers.length) { return []; }
    var low = Math.min.apply(null, numbers), high = Math.max.apply(null, numbers);
    var raw = Math.max((high - low) / most, 1e-9), ten = Math.pow(10, Math.floor(Math.log10(raw)));
    var step = [1, 2, 2.5, 5, 10].map(function (factor) { return factor * ten; }).filter(function (width) { return Math.floor(high / width) - Math.floor(low / width) < most; })[0];
    if (whole) { step = Math.max(1, Math.ceil(step)); }
    var first = Math.floor(low / step), last = Math.floor(high / step), found = [];
    for (var at = first; at <= last; at += 1) {
      var from = Number((at * step).toPrecision(12)), to = Number(((at + 1) * step).toPrecision(12));
      found.push({ gte: from, lt: to, label: whole && step === 1 ? grouped(from) : grouped(from) + "–" + grouped(whole ? to - 1 : to), color: ramp[last === first ? 2 : Math.round((at - first) * 5 / (last - first))] });
    }
    return found;
  }
  function cells(spec, t, room) {
    var ramp = [1, 2, 3, 4, 5, 6].map(function (step) { return t("ramp-" + step); });
    var data = [], numbers = [];
    spec.series.forEach(function (row, y) {
      row.values.forEach(function (value, x) {
        if (value === null) { return; }
        numbers.push(value);
        data.push(spec.kind === "calendar" ? [spec.categories[x], value] : [x, y, value]);
      });
    });
    var range = { type: "piecewise", pieces: spec.pieces || pieces(numbers, room < 460 ? 4 : 6, ramp, spec.whole), orient: "horizontal", left: 0, bottom: 0, padding: 0, itemGap: 10, itemWidth: 14, itemHeight: 10, textGap: 4, textStyle: { color: t("ink-2"), fontSize: 12 }, dimension: spec.kind === "calendar" ? 1 : 2 };
    var font = { color: t("ink-3"), fontSize: 12 };
    if (spec.kind === "calendar") {
      return {
        visualMap: range,
        calendar: { range: [spec.categories[0], spec.categories[spec.categories.length - 1]], cellSize: ["auto", "auto"], left: 30, right: 4, top: 22, bottom: 30, splitLine: { lineStyle: { color: t("line-strong") } }, itemStyle: { color: t("surface-2"), borderColor: t("surface"), borderWidth: 2 }, yearLabel: { show: false }, dayLabel: Object.assign({ firstDay: 1, nameMap: english ? "EN" : "ZH" }, font), monthLabel: Object.assign({ nameMap: english ? "EN" : "ZH" }, font) },
        series: [{ type: "heatmap", coordinateSystem: "calendar", data: data }],
      };
    }
    return {
      visualMap: range, grid: { left: 8, right: 8, top: 8, bottom: 36, containLabel: true },
      xAxis: { type: "category", data: spec.categories, axisLine: { show: false }, axisTick: { show: false }, axisLabel: font },
      yAxis: { type: "category", inverse: true, data: spec.series.map(function (row) { return row.name; }), axisLine: { show: false }, axisTick: { show: false }, axisLabel: font },
      series: [{ type: "heatmap", data: data, itemStyle: { borderColor: t("surface"), borderWidth: 2 } }],
    };
  }
  function option(spec, figure, room) {
    var t = tokens(figure);
    var base = { animation: !still, animationDuration: 200, animationDurationUpdate: 0, textStyle: { fontFamily: window.getComputedStyle(document.body).fontFamily } };
    if (spec.kind === "heatmap" || spec.kind === "calendar") { return Object.assign(base, cells(spec, t, room), { tooltip: tooltip(t, "item") }); }
    var labels = spec.kind === "line" && spec.series.length > 1;
    var words = (labels ? spec.series.map(function (one) { return one.name; }) : []).concat(spec.sideways ? [] : (spec.limits || []).map(limitWord));
    if (spec.kind === "bar" && spec.sideways && spec.series.length === 1) { words = words.concat(spec.series[0].values.map(grouped)); } /* at the ends of the bars */
    var widest = Math.max.apply(null, [0].concat(words.map(textWidth)));
    return Object.assign(base, axes(spec, t, room), {
      grid: { left: 4, right: widest ? Math.min(140, 14 + widest) : 14, top: 18, bottom: spec.kind === "bar" && spec.series.length > 1 ? 30 : 4, containLabel: true },
      legend: { show: spec.kind !== "line" && spec.series.length > 1, bottom: 0, left: 0, itemWidth: 12, itemHeight: 8, textStyle: { color: t("ink-2"), fontSize: 12 } },
      tooltip: Object.assign(tooltip(t, spec.kind === "scatter" ? "item" : "axis"), { valueFormatter: function (value) { return grouped(value) + (value === "-" ? "" : " " + spec.unit); } }),
      series: series(spec, t),
    });
  }
  function draw(figure) {
    var plot = figure.querySelector(".plot"), spec;
    if (!plot || !window.echarts) { return; }
    try { spec = JSON.parse(figure.getAttribute("data-chart")); } catch (error) { return; }
    figure.setAttribute("data-ready", "");
    if (spec.sideways) { plot.style.height = Math.max(140, spec.categories.length * 46 + 56) + "px"; }
    var chart = window.echarts.init(plot, null, { renderer: "canvas" });
    chart.setOption(option(spec, figure, plot.clientWidth));
    chart.on("click", function (point) { var links = spec.links || []; if (links[point.dataIndex]) { window.location.assign(links[point.dataIndex]); } });
    if (window.ResizeObserver) { new ResizeObserver(function () { chart.resize(); }).observe(plot); }
    window.addEventListener("beforeprint", function () { chart.resize(); });
  }
  window.ecoCharts = { draw: draw };
}());
