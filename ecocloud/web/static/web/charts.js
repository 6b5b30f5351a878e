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
  function axes(spec, t) {
    var font = { color: t("ink-3"), fontSize: 12 };
    var names = { type: "category", data: spec.categories, axisLine: { lineStyle: { color: t("line-strong") } }, axisTick: { show: false }, axisLabel: Object.assign({ hideOverlap: true }, font) };
    var values = { type: "value", scale: spec.kind !== "bar", min: spec.kind === "bar" ? 0 : null, axisLine: { show: false }, axisTick: { show: false }, splitNumber: 4, splitLine: { lineStyle: { color: t("grid") } }, axisLabel: Object.assign({ formatter: grouped }, font) };
    if (spec.kind === "bar") { values.min = function (range) { return Math.min(0, range.min); }; }
    return spec.sideways ? { xAxis: values, yAxis: Object.assign(names, { inverse: true }) } : { xAxis: names, yAxis: values };
  }
  function limitLines(spec, t) {
    return {
      silent: true, symbol: "none",
      data: (spec.limits || []).map(function (limit) {
        var line = { lineStyle: { color: limit.target ? t("act") : t("limit"), type: limit.target ? "solid" : "dashed", width: 1 }, label: { formatter: limit.name + " " + grouped(limit.value), color: limit.target ? t("act-ink") : t("limit"), position: "insideEndTop", fontSize: 12 } };
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
  function cells(spec, t) {
    var ramp = [1, 2, 3, 4, 5, 6].map(function (step) { return t("ramp-" + step); });
    var data = [], numbers = [];
    spec.series.forEach(function (row, y) {
      row.values.forEach(function (value, x) {
        if (value === null) { return; }
        numbers.push(value);
        data.push(spec.kind === "calendar" ? [spec.categories[x], value] : [x, y, value]);
      });
    });
    var range = { type: "piecewise", splitNumber: 6, min: Math.min.apply(null, numbers.concat([0])), max: Math.max.apply(null, numbers.concat([1])), inRange: { color: ramp }, orient: "horizontal", left: 0, bottom: 0, itemWidth: 14, itemHeight: 10, textStyle: { color: t("ink-2"), fontSize: 12 }, dimension: spec.kind === "calendar" ? 1 : 2 };
    if (spec.pieces) { range.pieces = spec.pieces; delete range.min; delete range.max; }
    var font = { color: t("ink-3"), fontSize: 12 };
    if (spec.kind === "calendar") {
      return {
        visualMap: range,
        calendar: { range: [spec.categories[0], spec.categories[spec.categories.length - 1]], cellSize: ["auto", 14], left: 34, right: 4, top: 24, splitLine: { lineStyle: { color: t("line-strong") } }, itemStyle: { color: t("surface-2"), borderColor: t("surface"), borderWidth: 2 }, yearLabel: { show: false }, dayLabel: Object.assign({ firstDay: 1, nameMap: english ? "EN" : "ZH" }, font), monthLabel: Object.assign({ nameMap: english ? "EN" : "ZH" }, font) },
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
  function option(spec, figure) {
    var t = tokens(figure);
    var base = { animation: !still, animationDuration: 200, animationDurationUpdate: 0, textStyle: { fontFamily: window.getComputedStyle(document.body).fontFamily } };
    if (spec.kind === "heatmap" || spec.kind === "calendar") { return Object.assign(base, cells(spec, t), { tooltip: tooltip(t, "item") }); }
    var labels = spec.kind === "line" && spec.series.length > 1;
    var widest = labels ? Math.max.apply(null, spec.series.map(function (one) { return one.name.length; })) : 0;
    return Object.assign(base, axes(spec, t), {
      grid: { left: 4, right: labels ? Math.min(120, 16 + widest * 12) : 14, top: 18, bottom: spec.kind === "bar" && spec.series.length > 1 ? 30 : 4, containLabel: true },
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
    var chart = window.echarts.init(plot, null, { renderer: "canvas" });
    chart.setOption(option(spec, figure));
    chart.on("click", function (point) { var links = spec.links || []; if (links[point.dataIndex]) { window.location.assign(links[point.dataIndex]); } });
    if (window.ResizeObserver) { new ResizeObserver(function () { chart.resize(); }).observe(plot); }
    window.addEventListener("beforeprint", function () { chart.resize(); });
  }
  window.ecoCharts = { draw: draw };
}());
