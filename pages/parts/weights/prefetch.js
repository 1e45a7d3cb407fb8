// What the page is about to say: shown while the reader is ahead of the page, where it is known; asked for when a slider is looked at.

const parts = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".wb-ahead");
  const part = parts.get(root) ?? begin(root);
  Object.assign(part, { data, tell: (key) => setTriggerValue("eye", key) });
  show(part);
  root.dataset.known = data.whole ? data.eye : "";
  if (!data.whole) ask(part, data.eye);
  return part.end;
}

function begin(root) {
  const part = { root, stand: { at: "", ahead: false }, timer: 0 };
  const follow = (event) => {
    part.stand = event.detail;
    if (show(part)) event.preventDefault(); // known: no need to hurry
  };
  const look = ({ detail: { key, pause } }) => {
    clearTimeout(part.timer);
    if (key !== part.data.eye) part.timer = setTimeout(() => ask(part, key), pause);
  };
  addEventListener("weighbridge:stand", follow);
  addEventListener("weighbridge:look", look);
  part.end = () => {
    clearTimeout(part.timer);
    removeEventListener("weighbridge:stand", follow);
    removeEventListener("weighbridge:look", look);
  };
  parts.set(root, part);
  return part;
}

// Not while the page has a move to answer: its answer brings what lies around.
function ask({ stand, tell }, key) {
  if (!stand.ahead) tell(key);
}

function show({ root, data, stand }) {
  const said = (stand.ahead && data.said[stand.at]) || "";
  if (said !== root.innerHTML) root.innerHTML = said;
  return said;
}
