// One entry of the browser's history per view: Back leads to the view before, and its address shows that view, nothing else.
//
// Streamlit writes the address several times while a page is drawn, widget by widget, some of it as entries of their own. Here the first change that a reader
// makes begins an entry, and all that is written until the next is of that entry; sliders moved one after the other on a page share one. Back and
// Forward read the address anew, as if it had been copied: what else the page held cannot mix with it.

const HERE = Symbol.for("weighbridge.history");

export default function () {
  if (window[HERE]) return;
  window[HERE] = true;
  const { pushState, replaceState } = history;
  const view = { entry: address(), fresh: false, slid: false, begun: false };

  const write = (how, url) => how.call(history, { weighbridge: true }, "", url);
  const put = (url) => {
    const next = new URL(url ?? location.href, location.href);
    if (address(next) === address()) return;
    const page = next.pathname !== location.pathname;
    const begins = view.fresh && (page || !view.slid || !view.begun);
    write(begins ? pushState : replaceState, next.href);
    if (begins) view.begun = view.slid && !page; // the next slider goes on with this entry
    view.fresh = view.fresh && !begins;
    view.entry = address();
  };
  history.pushState = (_state, _title, url) => put(url);
  history.replaceState = (_state, _title, url) => put(url);

  const touched = ({ target }) => {
    view.slid = target instanceof Element && target.closest("[role=slider], input[type=range]") !== null;
    view.fresh = true;
  };
  for (const kind of ["pointerdown", "keydown", "input", "change"]) addEventListener(kind, touched, true);

  collapse((href) => write(replaceState, href));
  addEventListener(
    "popstate",
    (event) => {
      event.stopImmediatePropagation(); // Streamlit would draw the view with what its widgets still hold
      if (address() !== view.entry) location.reload();
    },
    true,
  );

}

// What was written before this ran, as where an address asks for what cannot be, is of the first entry too, where the browser can tell.
function collapse(write) {
  const { currentEntry } = window.navigation ?? {};
  const before = currentEntry && window.navigation.entries()[currentEntry.index - 1];
  const asked = performance.getEntriesByType("navigation")[0]?.name;
  if (!before?.sameDocument || before.url !== asked || location.href === asked) return;
  const { href } = location;
  addEventListener("popstate", () => write(href), { capture: true, once: true });
  history.back();
}

function address({ pathname, search } = location) {
  return pathname + search;
}
