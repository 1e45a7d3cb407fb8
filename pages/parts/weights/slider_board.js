// A board of sliders: tells the page what was moved, shows what the page makes of it, and never takes a slider out of the reader's hand.

const PATIENCE = 250; // ms without an answer after which a move is told all the same
const REST = 80; // ms without a move after which one is told whose answer is known already: until then the page's pictures would hold up the hand
const LONG = 600; // ms after which it is told although the hand does not rest
const LOST = 5000; // ms without an answer, while the page rests, after which a move is taken for lost
const PASSING = 60; // ms that a pointer is over a slider before it does more than pass
const PERCENT = new Intl.NumberFormat("en", { style: "percent", roundingMode: "halfEven" }); // as the page rounds
const boards = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".wb-board");
  const board = boards.get(root) ?? { root, looks: "", rows: new Map(), told: data.heard, heard: data.heard, since: 0, moved: null, timer: 0, shares: false };
  boards.set(root, board);
  board.tell = (move) => setTriggerValue("move", move);
  show(board, data);
  return () => clearTimeout(board.timer);
}

function show(board, { rows, heard, shares }) {
  draw(board, rows);
  board.shares = shares;
  board.heard = Math.max(board.heard, heard);
  const mine = board.moved !== null || board.heard < board.told; // the reader is ahead of the page
  for (const { key, value, said } of rows) {
    const row = board.rows.get(key);
    if (!mine) row.slide.value = value;
    row.share.textContent = said;
    row.read();
  }
  if (mine) divide(board);
  const known = stand(board, mine);
  if (board.moved !== null) tellSoon(board, known);
}

// What is written beside the sliders, as the page will write it: the share of each.
function divide(board) {
  const parts = [...board.rows.values()].filter(({ share }) => share.textContent);
  const all = parts.reduce((sum, { slide }) => sum + Number(slide.value), 0);
  if (board.shares && all) for (const { slide, share } of parts) share.textContent = PERCENT.format(slide.value / all);
}

// Other parts of the page may follow: where the sliders stand, and whether the reader is ahead of the page. Does one of them know what the page will say?
function stand(board, ahead) {
  const at = [...board.rows.values()].map(({ slide }) => slide.value).join();
  return !dispatchEvent(new CustomEvent("weighbridge:stand", { cancelable: true, detail: { at, ahead } }));
}

// They may also know which slider may be moved next.
function look(key, pause) {
  dispatchEvent(new CustomEvent("weighbridge:look", { detail: { key, pause } }));
}

// Only where more than values and what is said of them has changed: other people, or other data, and so other names, bars and hints.
function draw(board, rows) {
  const looks = JSON.stringify(rows, (name, value) => (name === "value" || name === "said" ? undefined : value));
  if (looks === board.looks) return;
  board.looks = looks;
  board.rows = new Map(rows.map((row) => [row.key, drawn(board, row)]));
  board.root.replaceChildren(scale(), ...[...board.rows.values()].map((row) => row.whole));
}

// From where to where a slider goes, above the first.
function scale() {
  const [ends, low, high] = ["div", "span", "span"].map((tag) => document.createElement(tag));
  ends.className = "wb-ends";
  ends.setAttribute("aria-hidden", "true"); // a slider says so itself
  low.textContent = "0";
  high.textContent = "100";
  ends.append(low, high);
  return ends;
}

function drawn(board, { key, label, called, value, hint, colour, fill, ground, step, unit, locked }) {
  const [whole, swatch, name, share, number] = ["label", "span", "b", "em", "output"].map((tag) => document.createElement(tag));
  const slide = Object.assign(document.createElement("input"), { type: "range", min: 0, max: 100, step, value });
  slide.setAttribute("aria-label", called);
  Object.assign(whole, { className: "wb-row", title: hint });
  name.textContent = label;
  whole.toggleAttribute("data-locked", Boolean(locked));
  if (locked) slide.setAttribute("aria-description", "held");
  swatch.style.background = ground || colour;
  slide.style.setProperty("--colour", colour || "var(--st-primary-color)");
  whole.append(swatch, name, share, slide, number);
  if (fill !== null) whole.append(bar(fill));
  const read = () => {
    number.textContent = slide.value + unit;
    slide.style.setProperty("--at", `${slide.value}%`);
  };
  slide.addEventListener("input", () => {
    read();
    divide(board);
    if (board.moved === null) board.since = performance.now();
    board.moved = key;
    tellSoon(board, stand(board, true));
  });
  for (const [reached, pause] of [["focus", 0], ["pointerenter", PASSING]]) slide.addEventListener(reached, () => look(key, pause));
  return { whole, slide, share, read };
}

function bar(fill) {
  const [track, part] = ["i", "i"].map((tag) => document.createElement(tag));
  part.style.width = `${100 * fill}%`;
  track.append(part);
  return track;
}

function tellSoon(board, known) {
  clearTimeout(board.timer);
  const wait = board.heard < board.told ? PATIENCE : known ? Math.min(REST, board.since + LONG - performance.now()) : 0;
  if (wait > 0) board.timer = setTimeout(() => tell(board), wait);
  else tell(board);
}

function tell(board) {
  clearTimeout(board.timer);
  board.told = Math.max(board.told, board.heard) + 1;
  const values = Object.fromEntries([...board.rows].map(([key, { slide }]) => [key, Number(slide.value)]));
  board.tell({ values, moved: board.moved, number: board.told });
  board.last = board.moved;
  board.moved = null;
  clearTimeout(board.lost);
  board.lost = setTimeout(() => tellAgain(board), LOST);
}

// A move can be lost with the connection, or with a page that was left: the sliders would wait for its answer for ever.
function tellAgain(board) {
  if (board.moved !== null || board.heard >= board.told || !board.root.isConnected) return;
  if (document.querySelector("[data-testid=stApp]")?.dataset.testScriptState !== "notRunning") {
    board.lost = setTimeout(() => tellAgain(board), LOST);
    return;
  }
  board.moved = board.last;
  tell(board);
}
