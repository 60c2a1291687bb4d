"use strict";
// Shows tasks, answers and records from the page's JSON. Texts of models reach the page only as text nodes.
(() => {
const data = JSON.parse(document.getElementById("page-data").textContent);
const section = document.getElementById("tasks");
// Folder with a file for each task; empty on a self-contained page.
const folder = document.documentElement.dataset.tasks;
const form = section.querySelector("form");
const fields = form.elements;
const table = section.querySelector("table.tasks");
const body = table.tBodies[0];
const more = section.querySelector("button.more");
const STEP = 100;
const GLYPHS = {passed: "✓", failed: "✗", error: "E", timeout: "T", memory: "M"};
const CHANGES = {"+": ["▲", "improved", "better"], "-": ["▼", "regressed", "worse"], "1": ["", "both pass", ""], "0": ["", "neither", ""]};
let listed = [];

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

function fill(select, labels, first) {
  select.replaceChildren(...labels.map((label, at) => make("option", {value: at + first}, label)));
}

const benchmark = () => data.benchmarks[fields.benchmark.value];
const contrast = () => benchmark().contrasts[fields.contrast.value];
const flipped = task => "+-".includes(task.changes[fields.contrast.value] ?? " ");

function choose(number) {
  fields.benchmark.value = number;
  const {columns, contrasts} = benchmark();
  fill(fields.contrast, contrasts.map(({before, after, role}) =>
    `${columns[after]} against ${columns[before]}${role === "claim" ? "" : ` (${role})`}`), 0);
  fields.contrast.closest("label").hidden = !contrasts.length;
  fill(fields.column, ["any condition", ...columns], -1);
  for (const picture of section.querySelectorAll(".strips")) picture.hidden = picture.dataset.benchmark !== String(number);
}

function words(task) {
  task.words ??= [task.id, task.prompt, ...task.answers.flatMap(answer => answer.slice(4))].join("\n").toLowerCase();
  return task.words;
}

function matches(task, sought) {
  const wanted = fields.change.value;
  const verdict = fields.verdict.value;
  const column = Number(fields.column.value);
  const cells = column < 0 ? task.cells : [task.cells[column]];
  return (wanted === "all" || (wanted === "flips" && flipped(task)) || task.changes[fields.contrast.value] === wanted
      || (wanted === "none" && task.cells.every(([passed]) => !passed)))
    && (!verdict || cells.some(([, , verdicts]) => verdicts.includes(Number(verdict))))
    && sought.every(word => words(task).includes(word));
}

function found() {
  const sought = fields.text.value.toLowerCase().split(/\s+/).filter(Boolean);
  const tasks = benchmark().tasks.filter(task => matches(task, sought));
  const rank = task => flipped(task) ? 0 : /[+-]/.test(task.changes) ? 1 : 2;
  return tasks.sort((a, b) => rank(a) - rank(b));
}

function compared(at) {
  const side = contrast();
  return side && (at === side.before || at === side.after) ? "compared" : "";
}

function show(amount = STEP) {
  listed = found();
  const {columns, tasks} = benchmark();
  const heads = columns.map((name, at) => make("th", {scope: "col", class: `column ${compared(at)}`, title: name}, make("span", {}, name)));
  if (contrast()) heads.unshift(make("th", {scope: "col"}, "Change"));
  table.tHead.replaceChildren(make("tr", {}, make("th", {scope: "col"}, "Task"), ...heads));
  fields.count.value = `${listed.length.toLocaleString("en")} of ${tasks.length.toLocaleString("en")} tasks`;
  body.replaceChildren();
  extend(amount);
}

function extend(amount) {
  const from = body.querySelectorAll("button.task").length;
  const left = listed.length - from - amount;
  body.append(...listed.slice(from, from + amount).map(row));
  more.hidden = left <= 0;
  more.textContent = `Show ${Math.min(STEP, left)} more`;
}

function row(task) {
  const button = make("button", {type: "button", class: "task", "aria-expanded": "false"}, task.id);
  const cells = task.cells.map((cell, at) => square(task, cell, at, compared(at)));
  if (contrast()) {
    const [mark, word, style] = CHANGES[task.changes[fields.contrast.value]];
    cells.unshift(make("td", {class: `outcome ${style}`, "aria-label": word}, mark, make("span", {class: "word"}, ` ${word}`)));
  }
  const line = make("tr", {}, make("th", {scope: "row"}, button), ...cells);
  line.task = task;
  return line;
}

function square(task, [passed, answers, verdicts], column, compared) {
  const names = verdicts.map(number => data.verdicts[number]);
  const detail = task.answers.find(answer => answer[0] === column && answer[4])?.[4];
  const square = make("td", {
    class: `cell ${passed ? "passed" : names[0] ?? ""} ${compared}`,
    title: `${benchmark().columns[column]}: ${names.join(", ")}${detail ? `: ${detail}` : ""}`,
  }, answers === 1 ? GLYPHS[names[0]] : answers ? `${passed}/${answers}` : "");
  square.style.setProperty("--share", `${answers ? 100 * passed / answers : 0}%`);
  return square;
}

function toggle(button) {
  const line = button.closest("tr");
  const open = button.getAttribute("aria-expanded") === "true";
  button.setAttribute("aria-expanded", String(!open));
  if (open) return line.nextElementSibling.remove();
  history.replaceState(null, "", `#task-${fields.benchmark.value}-${benchmark().tasks.indexOf(line.task)}`);
  const place = make("div", {class: "answers"});
  line.after(make("tr", {class: "opened"}, make("td", {colspan: line.cells.length}, place)));
  place.append(...content(line.task));
  if (folder && !line.task.whole) complete(line.task, place);
}

async function complete(task, place) {
  const at = benchmark().tasks.indexOf(task);
  const answer = await fetch(`${folder}/${fields.benchmark.value}/${at}.json`).catch(() => null);
  if (!answer?.ok) return place.prepend(make("p", {class: "bad"}, "The other answers could not be read. Does `rlvf view` still run?"));
  task.whole = await answer.json();
  place.replaceChildren(...content(task));
}

function content(task) {
  const {prompt, answers, diffs} = task.whole ?? task;
  const parts = [];
  if (prompt) parts.push(make("details", {open: ""}, make("summary", {}, "Prompt"), make("pre", {tabindex: "0"}, make("code", {}, prompt))));
  const diff = contrast() && diffs[fields.contrast.value];
  if (diff) parts.push(beside(side(answers[diff[0]]), side(answers[diff[1]]), diff[2]));
  parts.push(make("h4", {}, diff ? "All conditions" : "Answers"), ...answers.map(one));
  if (!task.whole && (prompt === null || answers.some(answer => answer[5] === null) || task.cells.some(cell => cell[1] > 1)))
    parts.push(make("p", {class: "soft"}, "Texts that are not on this page are in the whole report: ", make("code", {}, "rlvf view RUN_FOLDER"), " shows it."));
  return parts;
}

const named = answer => `${answer[1]}, answer ${answer[2] + 1}`;
const judged = answer => `${data.verdicts[answer[3]]}${answer[4] ? `: ${answer[4]}` : ""}`;

function one(answer) {
  const text = answer[5];
  const head = make("summary", {}, named(answer), " ", make("span", {class: `verdict ${data.verdicts[answer[3]]}`}, judged(answer)));
  if (text === null) return make("div", {class: "absent"}, ...head.childNodes);
  return make("details", {}, head, make("pre", {tabindex: "0"}, make("code", {}, text || "(empty)")));
}

const side = answer => ({name: named(answer), verdict: data.verdicts[answer[3]], judged: judged(answer), text: answer[5]});

function beside(before, after, blocks) {
  const head = make("tr", {}, ...[before, after].map(({name, verdict, judged}) =>
    make("th", {scope: "col"}, name, make("span", {class: `verdict ${verdict}`}, judged))));
  if (before.text === null || after.text === null) return make("table", {class: "diff"}, make("thead", {}, head));
  const [old, now] = [before.text.split("\n"), after.text.split("\n")];
  const lines = [];
  const line = (kind, left, right) => lines.push(make("tr", {class: kind},
    ...[["del", left], ["ins", right]].map(([tag, text]) =>
      text === undefined ? make("td", {class: "none"}) : make("td", {}, make(kind === "same" ? "code" : tag, {}, text)))));
  let [i, j] = [0, 0];
  for (const [left, right, size] of [...blocks, [old.length, now.length, 0]]) {
    for (; i < left || j < right; i++, j++) line("changed", i < left ? old[i] : undefined, j < right ? now[j] : undefined);
    for ([i, j] = [left, right]; i < left + size; i++, j++) line("same", old[i], now[j]);
  }
  return make("table", {class: "diff"}, make("caption", {}, "Line by line; lines that differ are marked."),
    make("thead", {}, head), make("tbody", {}, ...lines));
}

function record({place, id, prompt, passes, samples, sides, blocks}) {
  const shown = sides.map(([role, sample, verdict, text]) => ({name: `${role}, answer ${sample + 1}`, verdict, judged: verdict, text}));
  return make("details", {class: "record"},
    make("summary", {}, make("code", {}, id), " ", make("span", {class: "soft"}, `record ${place.toLocaleString("en")}, ${passes} of ${samples} answers pass`)),
    make("h4", {}, "Prompt"), make("pre", {tabindex: "0"}, make("code", {}, prompt)),
    ...(shown.length === 2 ? [beside(...shown, blocks)] : shown.flatMap(({name, judged, text}) =>
      [make("h4", {}, `${name}: ${judged}`), make("pre", {tabindex: "0"}, make("code", {}, text))])));
}

function open(task) {
  fields.change.value = "all";
  fields.verdict.value = fields.text.value = "";
  show(Math.max(STEP, found().indexOf(task) + 1));
  const line = [...body.rows].find(line => line.task === task);
  const button = line.querySelector("button");
  toggle(button);
  button.focus({preventScroll: true});
  line.scrollIntoView({block: "center"});
}

// Opens the task that the page's address names, as toggle() writes it.
function follow() {
  const [, number, at] = /^#task-(\d+)-(\d+)$/.exec(location.hash) ?? [];
  const task = data.benchmarks[number]?.tasks[at];
  if (!task) return;
  choose(Number(number));
  open(task);
}

function step(button, key) {
  const buttons = [...body.querySelectorAll("button.task")];
  const at = buttons.indexOf(button);
  const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1}[key];
  if (to === undefined) return false;
  buttons[Math.min(Math.max(to, 0), buttons.length - 1)].focus();
  return true;
}

data.verdicts.forEach((name, number) => fields.verdict.append(make("option", {value: number}, name)));
fill(fields.benchmark, data.benchmarks.map(({name}) => name), 0);
choose(0);
section.querySelector(".scriptless").remove();
form.hidden = section.querySelector(".grid").hidden = false;
form.addEventListener("submit", event => event.preventDefault());
form.addEventListener("input", event => {
  if (event.target === fields.benchmark) choose(Number(fields.benchmark.value));
  show();
});
more.addEventListener("click", () => extend(STEP));
body.addEventListener("click", event => {
  const button = event.target.closest("button.task") ?? event.target.closest("td.cell, td.outcome")?.closest("tr").querySelector("button.task");
  if (button) toggle(button);
});
body.addEventListener("keydown", event => {
  if (event.target.matches("button.task") && step(event.target, event.key)) event.preventDefault();
  if (event.key !== "Escape") return;
  const line = event.target.closest("tr.opened")?.previousElementSibling ?? event.target.closest("tr");
  const button = line.querySelector("button.task");
  if (button.getAttribute("aria-expanded") === "true") toggle(button);
  button.focus();
});
document.addEventListener("keydown", event => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.matches("input, select")) return;
  event.preventDefault();
  fields.text.focus();
});
for (const picture of section.querySelectorAll(".strips svg")) {
  const at = event => {
    const {left, width} = picture.getBoundingClientRect();
    const {ease, tasks} = benchmark();
    return tasks[ease[Math.min(ease.length - 1, Math.max(0, Math.floor((event.clientX - left) / width * ease.length)))]];
  };
  picture.addEventListener("pointermove", event => { picture.parentElement.title = at(event).id; });
  picture.addEventListener("click", event => open(at(event)));
}
for (const place of document.querySelectorAll(".examples")) place.append(...data.sets[place.dataset.set].map(record));
window.addEventListener("hashchange", follow);
show();
follow();
})();
