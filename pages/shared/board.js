// A board of sliders: tells the page what was moved, shows what the page makes of it, and never takes a slider out of the reader's hand.

const PATIENCE = 250; // ms without an answer after which a move is told all the same
const boards = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".wb-board");
  const board = boards.get(root) ?? { root, looks: "", rows: new Map(), told: data.heard, heard: data.heard, moved: null, timer: 0 };
  boards.set(root, board);
  board.tell = (move) => setTriggerValue("move", move);
  show(board, data);
  return () => clearTimeout(board.timer);
}

function show(board, { rows, heard }) {
  draw(board, rows);
  board.heard = Math.max(board.heard, heard);
  const mine = board.moved !== null || board.heard < board.told; // the reader is ahead of the page
  for (const { key, value, said } of rows) {
    const row = board.rows.get(key);
    if (!mine) row.slide.value = value;
    row.share.textContent = said;
    row.read();
  }
  if (board.moved !== null && board.heard >= board.told) tell(board);
  stand(board, mine);
}

// Other parts of the page may follow: where the sliders stand, and whether the reader is ahead of the page.
function stand(board, ahead) {
  const at = [...board.rows.values()].map(({ slide }) => slide.value).join();
  dispatchEvent(new CustomEvent("weighbridge:stand", { detail: { at, ahead } }));
}

// Only where more than values and what is said of them has changed: other people, or other data, and so other names, bars and hints.
function draw(board, rows) {
  const looks = JSON.stringify(rows, (name, value) => (name === "value" || name === "said" ? undefined : value));
  if (looks === board.looks) return;
  board.looks = looks;
  board.rows = new Map(rows.map((row) => [row.key, drawn(board, row)]));
  board.root.replaceChildren(...[...board.rows.values()].map((row) => row.whole));
}

function drawn(board, { key, label, called, value, hint, colour, fill, step, unit }) {
  const [whole, swatch, name, share, number] = ["label", "span", "b", "em", "output"].map((tag) => document.createElement(tag));
  const slide = Object.assign(document.createElement("input"), { type: "range", min: 0, max: 100, step, value });
  slide.setAttribute("aria-label", called);
  Object.assign(whole, { className: "wb-row", title: hint });
  name.textContent = label;
  swatch.style.background = colour;
  slide.style.setProperty("--colour", colour || "var(--st-primary-color)");
  whole.append(swatch, name, share, slide, number);
  if (fill !== null) whole.append(bar(fill));
  const read = () => {
    number.textContent = slide.value + unit;
    slide.style.setProperty("--at", `${slide.value}%`);
  };
  slide.addEventListener("input", () => {
    read();
    stand(board, true);
    move(board, key);
  });
  for (const near of ["focus", "pointerenter"]) slide.addEventListener(near, () => dispatchEvent(new CustomEvent("weighbridge:look", { detail: key })));
  return { whole, slide, share, read };
}

function bar(fill) {
  const [track, part] = ["i", "i"].map((tag) => document.createElement(tag));
  part.style.width = `${100 * fill}%`;
  track.append(part);
  return track;
}

function move(board, key) {
  board.moved = key;
  clearTimeout(board.timer);
  if (board.heard >= board.told) tell(board);
  else board.timer = setTimeout(() => tell(board), PATIENCE);
}

function tell(board) {
  clearTimeout(board.timer);
  board.told = Math.max(board.told, board.heard) + 1;
  const values = Object.fromEntries([...board.rows].map(([key, { slide }]) => [key, Number(slide.value)]));
  board.tell({ values, moved: board.moved, number: board.told });
  board.moved = null;
}
