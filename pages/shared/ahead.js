// What the page is about to say: shown while the reader is ahead of the page, where it is known; asked for when a slider is looked at.

const PAUSE = 60; // ms that a slider is looked at before the page is asked
const parts = new WeakMap();

export default function ({ parentElement, data, setTriggerValue }) {
  const root = parentElement.querySelector(".wb-ahead");
  const part = parts.get(root) ?? begin(root);
  Object.assign(part, { data, ask: (key) => setTriggerValue("eye", key) });
  show(part);
  if (!data.whole) part.ask(data.eye);
  return part.end;
}

function begin(root) {
  const part = { root, stand: { at: "", ahead: false }, timer: 0 };
  const follow = ({ detail }) => {
    part.stand = detail;
    show(part);
  };
  const look = ({ detail }) => {
    clearTimeout(part.timer);
    if (detail !== part.data.eye) part.timer = setTimeout(() => part.ask(detail), PAUSE);
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

function show({ root, data, stand }) {
  const said = (stand.ahead && data.said[stand.at]) || "";
  if (said !== root.innerHTML) root.innerHTML = said;
}
