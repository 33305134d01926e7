// The report's page: which charts there are, sortable tables, the theme.
"use strict";

// ---- Charts over time

const redraws = [];

function timeCharts() {
  const perSecond = (list) => list.map((value, i) => value / covered(i));
  const mean = (list) => list.map((sum, i) => time.samples[i] ? sum / time.samples[i] : null);
  new TimeChart("chart-rate", { name: "Samples and errors a second", unit: "/s", series: [
    { name: "samples/s", css: "c-rate", values: perSecond(time.samples), area: true },
    { name: "errors/s", css: "c-error", values: perSecond(time.errors), area: true }] });
  const log = document.getElementById("log");
  new TimeChart("chart-elapsed", { name: "Elapsed time, percentiles", unit: " ms", height: 230,
    log: () => log.checked, series: [
      { name: "p50", css: "c-p50", values: time.p50 }, { name: "p95", css: "c-p95", values: time.p95 },
      { name: "p99", css: "c-p99", values: time.p99 }] });
  log.addEventListener("change", () => zoom(view.from, view.to));
  new TimeChart("chart-threads", { name: "Active threads", unit: "", height: 130, series: [
    { name: "threads", css: "c-threads", values: time.threads, area: true }] });
  new TimeChart("chart-workers", { name: "Active workers", unit: "", height: 110, series: [
    { name: "workers", css: "c-rate", values: time.workers, area: true }] });
  new TimeChart("chart-codes", { name: "Response codes a second", unit: "/s", stacked: true,
    series: time.codes.map((code, i) =>
      ({ name: code.code, css: "c-code" + i + " " + kindOf(code.code),
        values: perSecond(code.times) })) });
  const wait = mean(time.latency), connect = mean(time.connect), elapsed = mean(time.elapsed);
  const difference = (a, b) => a.map((value, i) =>
    value === null ? null : Math.max(0, value - b[i]));
  new TimeChart("chart-split", { name: "Mean elapsed time, its parts", unit: " ms", stacked: true,
    series: [
      { name: "connect", css: "c-p95", values: connect },
      { name: "wait for the first byte", css: "c-rate", values: difference(wait, connect) },
      { name: "receive", css: "c-p50", values: difference(elapsed, wait) }] });
  const button = (id, act) => document.getElementById(id).addEventListener("click", act);
  button("zoom-in", () => zoomBy(0.5));
  button("zoom-out", () => zoomBy(2));
  button("zoom-all", () => zoom(0, time.slots));
  redraws.push(() => zoom(view.from, view.to));
  zoom(0, time.slots);
}

function kindOf(code) {
  return /^2/.test(code) ? "ok" : /^3/.test(code) ? "moved" : /^4/.test(code) ? "client" : "server";
}

// ---- Charts of the whole run

function distribution() {
  const box = document.getElementById("chart-distribution"), bins = data.bins;
  if (!box || !bins.length) return;
  const plot = box.querySelector(".plot"), total = data.summary.total;
  tableBeside(box, "Elapsed times", ["From ms", "Up to ms", "Samples"], () =>
    bins.map((bin) => [figure(bin[0]), figure(bin[1] - 1), figure(bin[2])]));
  redraws.push(() => {
    const f = frame(plot, 220, "Samples by elapsed time, on a logarithmic axis");
    const low = Math.max(1, bins[0][0]), high = Math.max(low * 2, bins[bins.length - 1][1]);
    const x = logarithmic(low, high, f.left, f.right);
    const y = linear(0, Math.max(...bins.map((bin) => bin[2])) * 1.15, f.bottom, f.top);
    axisY(f, y);
    axisX(f, x, x.ticks(), (tick) => figure(tick) + " ms");
    const group = node("g", { class: "c-rate" }, f.svg);
    for (const [from, to, count] of bins) {
      const start = x(Math.max(from, low)), end = Math.max(x(Math.max(to, low)), start + 2);
      node("rect", { class: "bar", x: start, width: Math.max(1, end - start - 1), y: y(count),
        height: Math.max(0.5, f.bottom - y(count)) }, group);
    }
    let end = -Infinity;
    for (const p of ["p50", "p90", "p95", "p99"]) {
      const value = total[p + "_ms"];
      if (value === null || value < low) continue;
      const at = x(value), mark = node("g", { class: "mark" }, f.svg);
      node("line", { x1: at, x2: at, y1: f.top + 2, y2: f.bottom }, mark);
      if (at - end > 26) {
        node("text", { x: at + 3, y: f.top + 10 }, mark, p);
        end = at;
      }
    }
  });
}

function percentileCurve() {
  const box = document.getElementById("chart-curve");
  if (!box || !data.curves.length) return;
  const plot = box.querySelector(".plot"), choice = box.querySelector("select");
  data.curves.forEach((curve, i) => element("option", { value: i }, choice, curve.name));
  const points = data.percentiles;
  // As many nines as there are samples for.
  const count = data.summary.total.samples;
  const end = Math.min(5, Math.max(2, Math.ceil(Math.log10(Math.max(2, count)))));
  const place = (p) => p >= 100 ? end : Math.min(end, -Math.log10(1 - p / 100));
  tableBeside(box, "Elapsed time in ms by percentile",
    ["Percentile", ...data.curves.map((curve) => curve.name)], () =>
      points.map((p, i) => ["p" + p, ...data.curves.map((curve) => figure(curve.values[i]))]));
  const draw = () => {
    const f = frame(plot, 220, "Elapsed time by percentile");
    const chosen = Number(choice.value) || 0;
    const shown = chosen ? [data.curves[0], data.curves[chosen]] : [data.curves[0]];
    const most = Math.max(1, ...shown.map((curve) => curve.values[points.length - 1]));
    const x = linear(0, end, f.left, f.right), y = linear(0, most * 1.05, f.bottom, f.top);
    axisY(f, y);
    const ticks = [0, 50, 90, 99, 99.9, 99.99, 100].filter((p) => p === 100 || place(p) < end);
    axisX(f, x, ticks.map(place), (at) => "p" + ticks[ticks.map(place).indexOf(at)]);
    shown.forEach((curve, k) => {
      const path = points.map((p, i) =>
        x(place(p)).toFixed(1) + "," + y(Math.max(0, curve.values[i])).toFixed(1));
      node("path", { class: "line", d: "M" + path.join("L") },
        node("g", { class: k ? "c-p99" : "c-rate" }, f.svg));
    });
  };
  choice.addEventListener("change", draw);
  redraws.push(draw);
}

function scatter() {
  const box = document.getElementById("chart-scatter");
  if (!box || !time) return;
  const plot = box.querySelector(".plot");
  const slots = [...time.samples.keys()].filter((i) => time.samples[i] > 0);
  tableBeside(box, "Elapsed time by active threads", ["Threads", "p50 ms", "p95 ms"], () =>
    slots.map((i) => [figure(time.threads[i]), figure(time.p50[i]), figure(time.p95[i])]));
  redraws.push(() => {
    const f = frame(plot, 220, "Elapsed time of each slot by its active threads");
    const threads = Math.max(1, ...slots.map((i) => time.threads[i]));
    const x = linear(0, threads * 1.05, f.left, f.right);
    const most = Math.max(1, ...slots.map((i) => time.p95[i]));
    const y = linear(0, most * 1.06, f.bottom, f.top);
    axisY(f, y);
    axisX(f, x, x.ticks(6).filter((t) => t === Math.round(t)), figure);
    for (const [css, values] of [["c-p95", time.p95], ["c-p50", time.p50]]) {
      const group = node("g", { class: css }, f.svg);
      for (const i of slots)
        node("circle", { class: "spot", cx: x(time.threads[i]).toFixed(1),
          cy: y(values[i]).toFixed(1), r: 2.5 }, group);
    }
  });
}

// ---- Tables

function sortable(table) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = element("button", { type: "button" });
    while (head.firstChild) button.appendChild(head.firstChild);
    head.appendChild(button);
    button.addEventListener("click", () => {
      const isText = column === 0, was = head.getAttribute("aria-sort");
      const up = was ? was === "descending" : isText;
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", up ? "ascending" : "descending");
      const key = (row) => {
        const cell = row.cells[column];
        return isText ? cell.textContent : Number(cell.dataset.v ?? "-Infinity");
      };
      const rows = [...body.rows].sort((a, b) => {
        const [p, q] = [key(a), key(b)];
        return (p < q ? -1 : p > q ? 1 : 0) * (up ? 1 : -1);
      });
      body.append(...rows);
    });
  });
}

function filterable(table) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length < 10) return;
  const label = element("label", { class: "filter" });
  element("span", {}, label, "Labels with");
  const input = element("input", { type: "search" }, label);
  table.parentElement.before(label);
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase();
    for (const row of rows)
      row.hidden = !row.cells[0].textContent.toLowerCase().includes(wanted);
  });
}

// ---- The theme

function theme() {
  const root = document.documentElement, button = document.getElementById("theme");
  const system = matchMedia("(prefers-color-scheme: dark)");
  // Storage may be forbidden to files; then the choice lasts as long as the page.
  const stored = (value) => {
    try {
      if (value) localStorage.setItem("loadfleet-theme", value);
      return localStorage.getItem("loadfleet-theme");
    } catch { return null; }
  };
  const isDark = () => root.dataset.theme ? root.dataset.theme === "dark" : system.matches;
  const show = () => { button.textContent = isDark() ? "Light theme" : "Dark theme"; };
  const kept = stored();
  if (kept === "dark" || kept === "light") root.dataset.theme = kept;
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    stored(root.dataset.theme);
    show();
  });
  system.addEventListener("change", show);
  show();
}

theme();
document.documentElement.classList.add("scripted");
for (const table of document.querySelectorAll("table.sortable")) sortable(table);
const labels = document.getElementById("labels-table");
if (labels) filterable(labels);
if (time) timeCharts();
distribution();
percentileCurve();
scatter();
const redraw = () => { for (const draw of redraws) draw(); };
redraw();
let width = innerWidth;
addEventListener("resize", () => {
  if (innerWidth === width) return;
  width = innerWidth;
  redraw();
});
addEventListener("beforeprint", redraw);
