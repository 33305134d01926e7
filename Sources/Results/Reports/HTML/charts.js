// Charts of the report: SVG drawn by hand, no library, no request. Charts over time share one
// range and one cursor: what is zoomed or pointed at in one of them is so in all.
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const time = data.time;
const SVG = "http://www.w3.org/2000/svg";

function node(name, attributes, parent, text) {
  const made = document.createElementNS(SVG, name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  if (text !== undefined) made.textContent = text;
  if (parent) parent.appendChild(made);
  return made;
}

function element(name, attributes, parent, text) {
  const made = document.createElement(name);
  for (const key in attributes) made.setAttribute(key, attributes[key]);
  if (text !== undefined) made.textContent = text;
  if (parent) parent.appendChild(made);
  return made;
}

// ---- Numbers and moments as text

function figure(value) {
  if (value === null || value === undefined || !isFinite(value)) return "–";
  const size = Math.abs(value);
  const places = size === 0 || size >= 100 ? 0 : size >= 10 ? 1 : 2;
  const text = value.toFixed(places);
  return places ? text.replace(/\.?0+$/, "") : text.replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

function clock(seconds) {
  const sign = seconds < 0 ? "−" : "";
  const whole = Math.abs(Math.round(seconds));
  const two = (n) => String(n).padStart(2, "0");
  const h = Math.floor(whole / 3600), m = Math.floor(whole / 60) % 60, s = whole % 60;
  return sign + (h ? h + ":" + two(m) : m) + ":" + two(s);
}

function moment(second) {
  const date = new Date(second * 1000);
  return isNaN(date) ? String(second) : date.toISOString().replace("T", " ").slice(0, 19) + " UTC";
}

// ---- Scales

function niceStep(span, count) {
  const rough = span / count, power = Math.pow(10, Math.floor(Math.log10(rough)));
  for (const factor of [1, 2, 5, 10]) if (factor * power >= rough) return factor * power;
  return rough;
}

function linear(from, to, start, end) {
  const scale = (value) => start + (value - from) / (to - from) * (end - start);
  scale.ticks = (count) => {
    const step = niceStep(to - from, count), ticks = [];
    for (let i = Math.ceil(from / step); i * step <= to * (1 + 1e-9); i++) ticks.push(i * step);
    return ticks;
  };
  return scale;
}

function logarithmic(from, to, start, end) {
  const low = Math.log10(from), high = Math.log10(to);
  const scale = (value) =>
    start + (Math.log10(Math.max(value, from)) - low) / (high - low) * (end - start);
  scale.ticks = () => {
    const wide = high - low > 3, ticks = [];
    for (let e = Math.floor(low); e <= high; e++)
      for (const factor of wide ? [1] : [1, 2, 5]) {
        const tick = factor * Math.pow(10, e);
        if (tick >= from * 0.999 && tick <= to * 1.001) ticks.push(tick);
      }
    return ticks;
  };
  return scale;
}

// ---- The frame of every chart

const MARGIN = { left: 56, right: 14, top: 10, bottom: 24 };

function frame(plot, height, name) {
  const width = Math.max(280, plot.clientWidth || 900);
  plot.textContent = "";
  const svg = node("svg", {
    viewBox: `0 0 ${width} ${height}`, width: "100%", height, "aria-hidden": "true",
    focusable: "false" }, plot);
  plot.setAttribute("aria-label", name);
  return {
    svg, width, height, left: MARGIN.left, right: width - MARGIN.right,
    top: MARGIN.top, bottom: height - MARGIN.bottom,
  };
}

function axisY(f, scale, count) {
  for (const tick of scale.ticks(count || 4)) {
    const y = scale(tick);
    node("line", { class: "grid", x1: f.left, x2: f.right, y1: y, y2: y }, f.svg);
    node("text", { class: "tick", x: f.left - 8, y: y + 4, "text-anchor": "end" }, f.svg,
      figure(tick));
  }
}

function axisX(f, scale, ticks, text) {
  let before = -Infinity;
  for (const tick of ticks) {
    const x = scale(tick), label = text(tick);
    if (x - before < label.length * 7 + 12 || x < f.left - 1 || x > f.right + 1) continue;
    before = x;
    const anchor = x > f.right - 20 ? "end" : x < f.left + 12 ? "start" : "middle";
    node("line", { class: "grid", x1: x, x2: x, y1: f.bottom, y2: f.bottom + 4 }, f.svg);
    node("text", { class: "tick", x, y: f.bottom + 17, "text-anchor": anchor }, f.svg, label);
  }
  node("line", { class: "axis", x1: f.left, x2: f.right, y1: f.bottom, y2: f.bottom }, f.svg);
}

// ---- The table beside a chart, made when it is wanted

function tableBeside(figureElement, caption, head, rows) {
  const details = figureElement.querySelector("details");
  if (!details) return;
  details.addEventListener("toggle", () => {
    const box = details.querySelector("div");
    if (!details.open || box.firstChild) return;
    const table = element("table", {}, box);
    element("caption", {}, table, caption);
    const line = element("tr", {}, element("thead", {}, table));
    for (const title of head) element("th", { scope: "col" }, line, title);
    const body = element("tbody", {}, table);
    for (const row of rows()) {
      const line = element("tr", {}, body);
      row.forEach((cell, i) =>
        element(i ? "td" : "th", i ? {} : { scope: "row" }, line, cell));
    }
  });
}

// ---- Charts over time

const charts = [];
const view = { from: 0, to: 0, cursor: null };

function slotStart(i) { return time.start + i * time.width; }
function elapsedOf(i) { return slotStart(i) + time.width / 2 - time.first; }
function covered(i) {
  return Math.min(slotStart(i) + time.width, time.last + 1) - Math.max(slotStart(i), time.first);
}

// Draws one chart: `series` have name, values (null where nothing is known) and css class.
class TimeChart {
  constructor(id, options) {
    this.figure = document.getElementById(id);
    if (!this.figure) return;
    Object.assign(this, options);
    this.plot = this.figure.querySelector(".plot");
    this.legend = this.figure.querySelector(".legend");
    this.values = this.series.map((series) => {
      const item = element("li", {}, this.legend);
      element("span", { class: "key " + series.css }, item);
      element("span", {}, item, series.name);
      return element("b", {}, item);
    });
    tableBeside(this.figure, this.name, ["Time", ...this.series.map((s) => s.name)], () =>
      Array.from({ length: time.slots }, (_, i) =>
        [clock(slotStart(i) - time.first), ...this.series.map((s) => figure(s.values[i]))]));
    this.listen();
    charts.push(this);
  }

  draw() {
    const f = this.f = frame(this.plot, this.height || 190, this.name + ". " + HELP);
    const first = Math.max(0, Math.floor(view.from)), last = Math.min(time.slots, Math.ceil(view.to));
    // A point lies in the middle of its slot.
    this.x = linear(view.from, view.to, f.left, f.right);
    const tops = this.stacked ? this.stack() : this.series.map((s) => s.values);
    let most = 0, least = Infinity;
    for (const values of tops)
      for (let i = first; i < last; i++) {
        most = Math.max(most, values[i] || 0);
        if (values[i] > 0) least = Math.min(least, values[i]);
      }
    const isLog = this.log && this.log() && least < most;
    this.y = isLog
      ? logarithmic(Math.pow(10, Math.floor(Math.log10(least))), most * 1.1, f.bottom, f.top)
      : linear(0, most > 0 ? most * 1.06 : 1, f.bottom, f.top);
    axisY(f, this.y, f.height > 150 ? 5 : 3);
    const from = slotStart(view.from) - time.first, to = slotStart(view.to) - time.first;
    const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600,
      43200, 86400, 172800, 604800, 2592000, 31536000];
    const step = steps.find((s) => (to - from) / s <= f.width / 90) || (to - from) / 4;
    const ticks = [];
    for (let t = Math.ceil(Math.max(from, 0) / step) * step; t <= to; t += step) ticks.push(t);
    axisX(f, (t) => this.x((t + time.first - time.start) / time.width), ticks, clock);
    // What matters most lies on top: of lines the first, of areas the last, which are lower.
    const order = this.series.map((_, k) => k);
    for (const k of this.series[0] && this.series[0].area ? order : order.reverse()) {
      const floor = this.stacked && k > 0 ? tops[k - 1] : null;
      this.line(this.series[k], tops[k], floor, first, last);
    }
    this.cursor = node("line", { class: "cursor", y1: f.top, y2: f.bottom, x1: -9, x2: -9 }, f.svg);
    this.brush = node("rect", { class: "brush", y: f.top, height: f.bottom - f.top, x: -9, width: 0 },
      f.svg);
    this.point();
  }

  stack() {
    const tops = [];
    let below = new Array(time.slots).fill(0);
    for (const series of this.series)
      tops.push(below = below.map((sum, i) => sum + (series.values[i] || 0)));
    return tops;
  }

  line(series, values, floor, first, last) {
    const isArea = this.stacked || series.area;
    let runs = [], run = [];
    for (let i = Math.max(0, first - 1); i < Math.min(time.slots, last + 1); i++) {
      const isGap = series.values[i] === null;
      if (isGap) { if (run.length) runs.push(run); run = []; } else run.push(i);
    }
    if (run.length) runs.push(run);
    const at = (i, list) => this.x(i + 0.5).toFixed(1) + "," + this.y(list[i]).toFixed(1);
    const clip = this.clip();
    const css = series.css + (this.stacked ? " stacked" : "");
    const group = node("g", { class: css, "clip-path": `url(#${clip})` }, this.f.svg);
    const zero = this.f.bottom;
    for (const points of runs) {
      const top = points.map((i) => at(i, values));
      if (isArea && points.length > 1) {
        const ends = [...points].reverse().map((i) =>
          floor ? at(i, floor) : this.x(i + 0.5).toFixed(1) + "," + zero);
        node("path", { class: "area", d: "M" + top.join("L") + "L" + ends.join("L") + "Z" }, group);
      }
      if (points.length > 1 && !this.stacked) node("path", { class: "line", d: "M" + top.join("L") }, group);
      if (points.length === 1 || last - first <= 40)
        for (const i of points)
          node("circle", { class: "dot", cx: this.x(i + 0.5), cy: this.y(values[i]),
            r: points.length === 1 ? 3.5 : 2.2 }, group);
    }
  }

  clip() {
    const id = this.figure.id + "-clip";
    if (!this.f.svg.querySelector("clipPath")) {
      const path = node("clipPath", { id }, this.f.svg);
      node("rect", { x: this.f.left, y: 0, width: this.f.right - this.f.left,
        height: this.f.height }, path);
    }
    return id;
  }

  // Shows the cursor, and in the legend what there is at it.
  point() {
    const i = view.cursor;
    const x = i === null ? -9 : this.x(i + 0.5);
    this.cursor.setAttribute("x1", x);
    this.cursor.setAttribute("x2", x);
    this.values.forEach((place, k) => {
      const value = i === null ? null : this.series[k].values[i];
      place.textContent = i === null ? "" : figure(value) + (value === null ? "" : this.unit);
    });
  }

  listen() {
    const slot = (event) => {
      const box = this.f.svg.getBoundingClientRect();
      const x = (event.clientX - box.left) / box.width * this.f.width;
      const share = (x - this.f.left) / (this.f.right - this.f.left);
      return view.from + Math.min(1, Math.max(0, share)) * (view.to - view.from);
    };
    let start = null;
    this.plot.addEventListener("pointermove", (event) => {
      pointAt(slot(event));
      if (start === null) return;
      const [a, b] = [this.x(start), this.x(slot(event))];
      this.brush.setAttribute("x", Math.min(a, b));
      this.brush.setAttribute("width", Math.abs(a - b));
    });
    this.plot.addEventListener("pointerdown", (event) => {
      if (event.button === 0 && event.pointerType !== "touch") start = slot(event);
    });
    window.addEventListener("pointerup", (event) => {
      if (start === null) return;
      const [a, b] = [start, slot(event)].sort((p, q) => p - q);
      start = null;
      this.brush.setAttribute("width", 0);
      if (this.x(b) - this.x(a) > 8) zoom(a, b);
    });
    this.plot.addEventListener("pointerleave", () => { if (start === null) pointAt(null); });
    this.plot.addEventListener("dblclick", () => zoom(0, time.slots));
    this.plot.addEventListener("keydown", (event) => keys(event));
  }
}

const HELP = "Arrow keys move the cursor, plus and minus zoom, Escape shows all";

function pointAt(place) {
  view.cursor = place === null
    ? null : Math.min(Math.max(0, Math.floor(place)), time.slots - 1);
  for (const chart of charts) chart.point();
  const place2 = document.getElementById("moment");
  if (place2) place2.textContent = view.cursor === null ? rangeText() :
    clock(slotStart(view.cursor) - time.first) + " · " + moment(slotStart(view.cursor));
}

function rangeText() {
  const isWhole = view.from <= 0 && view.to >= time.slots;
  return isWhole ? "drag to zoom, double-click to see all" :
    clock(Math.max(0, slotStart(view.from) - time.first)) + " – " +
    clock(Math.min(time.last + 1, slotStart(view.to)) - time.first);
}

function zoom(from, to) {
  const least = Math.min(4, time.slots);
  let middle = (from + to) / 2, half = Math.max(to - from, least) / 2;
  half = Math.min(half, time.slots / 2);
  middle = Math.min(Math.max(middle, half), time.slots - half);
  view.from = middle - half;
  view.to = middle + half;
  for (const chart of charts) chart.draw();
  pointAt(null);
}

function zoomBy(factor) {
  const middle = view.cursor === null ? (view.from + view.to) / 2 : view.cursor + 0.5;
  const half = (view.to - view.from) / 2 * factor, kept = view.cursor;
  zoom(middle - half, middle + half);
  pointAt(kept);
}

function keys(event) {
  const step = event.shiftKey ? Math.max(1, Math.round((view.to - view.from) / 10)) : 1;
  const at = view.cursor === null ? Math.floor((view.from + view.to) / 2) : view.cursor;
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    const next = Math.min(Math.max(0, at + (event.key === "ArrowLeft" ? -step : step)),
      time.slots - 1);
    const half = (view.to - view.from) / 2;
    if (next < view.from || next >= view.to) zoom(next - half, next + half);
    pointAt(next);
  } else if (event.key === "+" || event.key === "=") zoomBy(0.5);
  else if (event.key === "-") zoomBy(2);
  else if (event.key === "Escape" || event.key === "0") zoom(0, time.slots);
  else return;
  event.preventDefault();
}
