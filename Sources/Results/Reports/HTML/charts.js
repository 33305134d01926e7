// What all charts of the report are made of: SVG drawn by hand, no library, no request.
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
