// Charts over time. They share one range and one cursor: what is zoomed or pointed at in one of them
// is so in all.
"use strict";

const charts = [];
const view = { from: 0, to: 0, cursor: null };

// What happened in the run: dashed lines with the numbers of the table of events.
const marks = data.marks.map((mark, i) => ({ ...mark, number: i + 1 }));

function placeOf(mark) {
  const second = Math.min(Math.max(mark.at, time.first), time.last + 1);
  return (second - time.start) / time.width;
}

function marksIn(i) {
  return marks.filter((mark) =>
    Math.min(Math.max(0, Math.floor(placeOf(mark))), time.slots - 1) === i);
}

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
    const head = ["Time", ...this.series.map((s) => s.name), ...(marks.length ? ["Marks"] : [])];
    tableBeside(this.figure, this.name, head, () =>
      Array.from({ length: time.slots }, (_, i) =>
        [clock(slotStart(i) - time.first), ...this.series.map((s) => figure(s.values[i])),
          ...(marks.length ? [marksIn(i).map((mark) => mark.text).join("; ")] : [])]));
    this.listen();
    charts.push(this);
  }

  draw() {
    const f = this.f = frame(this.plot, this.height || 190, this.name + ". " + HELP +
      (marks.length ? ". Marked moments: " + marks.length + ", in the table of what happened" : ""));
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
    this.ramp();
    // What matters most lies on top: of lines the first, of areas the last, which are lower.
    const order = this.series.map((_, k) => k);
    for (const k of this.series[0] && this.series[0].area ? order : order.reverse()) {
      const floor = this.stacked && k > 0 ? tops[k - 1] : null;
      this.line(this.series[k], tops[k], floor, first, last);
    }
    this.drawMarks();
    this.cursor = node("line", { class: "cursor", y1: f.top, y2: f.bottom, x1: -9, x2: -9 }, f.svg);
    this.brush = node("rect", { class: "brush", y: f.top, height: f.bottom - f.top, x: -9, width: 0 },
      f.svg);
    this.point();
  }

  // The time in which threads are still being started.
  ramp() {
    const end = marks.filter((mark) => mark.kind === "ramp").map((mark) => this.x(placeOf(mark)));
    const from = Math.max(this.f.left, this.x((time.first - time.start) / time.width));
    const width = Math.min(this.f.right, Math.max(...end)) - from;
    if (width > 0)
      node("rect", { class: "ramp", x: from, y: this.f.top, width,
        height: this.f.bottom - this.f.top }, this.f.svg);
  }

  drawMarks() {
    const f = this.f, group = node("g", { class: "marks" }, f.svg), tags = [];
    const textOf = (tag) => tag.from === tag.to ? String(tag.from) : tag.from + "–" + tag.to;
    const halfOf = (text) => text.length * 3.5 + 4;
    for (const mark of marks) {
      const x = this.x(placeOf(mark));
      if (x < f.left - 0.5 || x > f.right + 0.5) continue;
      node("line", { x1: x, x2: x, y1: f.top, y2: f.bottom }, group);
      const last = tags[tags.length - 1];
      // Of lines too close for tags of their own, one tag has all numbers.
      if (last && x - last.x < halfOf(textOf(last)) + halfOf(String(mark.number)) + 2)
        last.to = mark.number;
      else tags.push({ x, from: mark.number, to: mark.number });
    }
    for (const tag of tags) {
      const text = textOf(tag), half = halfOf(text);
      const x = Math.min(Math.max(tag.x, half), f.width - half);
      node("rect", { class: "tag", x: x - half, y: 1, width: half * 2, height: 15, rx: 4 }, group);
      node("text", { x, y: 12.5 }, group, text);
    }
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
    // On paper there is room beside the axes, where it would be seen.
    this.cursor.setAttribute("visibility", i === null ? "hidden" : "visible");
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
    [clock(slotStart(view.cursor) - time.first), moment(slotStart(view.cursor)),
      ...marksIn(view.cursor).map((mark) => mark.number + ": " + mark.text)].join(" · ");
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
