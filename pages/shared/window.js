// The reader's window: tells the page whether it is narrow, and how much higher than usual, where the page took it for something else, and writes what
// stands on every printed page.

const NARROW = matchMedia("(max-width: 819.98px)"); // as in the style sheet
const PAPER = 1054; // px between the margins of an A4 sheet on its side
const LAID_OUT = 1400; // px of a page on such a sheet, before it is made smaller
const PRINT = matchMedia("print"); // a sheet is no window
const USUAL = 768; // px of height that every page is laid out for
const [MOST, STEP] = [400, 100]; // px that a chart grows, and by how many at a time, as the page runs again for each
const [REST, STANDS] = [100, 5]; // ms between two looks whether the page stands, and how many of them it must
const state = { narrow: NARROW.matches, spare: 0, printing: false, tell: null, later: 0, line: "" };

export default function ({ data, setStateValue }) {
  state.narrow = data.narrow;
  state.spare = data.spare;
  state.tell = setStateValue;
  state.line = data.line;
  measure();
}

function measure() {
  if (PRINT.matches || state.printing) return;
  const root = document.documentElement;
  root.toggleAttribute("data-wb-narrow", NARROW.matches);
  const seen = document.querySelector("[data-testid=stMainBlockContainer]")?.clientWidth || innerWidth;
  const laidOut = Math.min(LAID_OUT, Math.max(seen, PAPER));
  root.style.setProperty("--wb-page", `${PAPER / laidOut}`);
  root.style.setProperty("--wb-chart", `${Math.min(1, (0.97 * laidOut) / seen)}`);
  if (state.tell && state.narrow !== NARROW.matches) {
    state.narrow = NARROW.matches;
    state.tell("narrow", NARROW.matches);
  }
  clearTimeout(state.later);
  state.later = setTimeout(grow, REST, 0);
}

// Told once the page has stood for a while: a run cut short would leave widgets at values that nobody set. The page of stresses waits for another page's word.
function grow(stood) {
  const spare = NARROW.matches ? 0 : Math.min(MOST, Math.max(0, STEP * Math.floor((innerHeight - USUAL) / STEP)));
  if (!state.tell || state.spare === spare || location.pathname.endsWith("/stress")) return;
  const stands = document.querySelector("[data-testid=stApp]")?.dataset.testScriptState === "notRunning";
  if (!stands || stood < STANDS) {
    state.later = setTimeout(grow, REST, stands ? stood + 1 : 0);
    return;
  }
  state.spare = spare;
  state.tell("spare", spare);
}

// Title, what is looked at, date and link, in the margins of every sheet.
function head() {
  const sheet = document.querySelector("style#wb-sheet") ?? document.head.appendChild(Object.assign(document.createElement("style"), { id: "wb-sheet" }));
  const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "long" }).format(new Date());
  const text = (words) => `"${words.replace(/["\\\n]/g, (sign) => `\\${sign.codePointAt(0).toString(16)} `)}"`;
  const small = "font:7pt sans-serif;color:#5b6570;white-space:normal;overflow-wrap:anywhere";
  sheet.textContent = `@media print{@page{
    @top-left{content:${text(`${document.title} · ${state.line}`)};${small};width:80%;text-align:left}
    @top-right{content:${text(day)};${small};width:20%;text-align:right}
    @bottom-left{content:${text(location.href)};${small};width:92%;text-align:left}
    @bottom-right{content:counter(page) " / " counter(pages);${small};width:8%;text-align:right}}}`;
}

addEventListener("resize", measure);
NARROW.addEventListener("change", measure);
addEventListener("beforeprint", () => {
  state.printing = true;
  head();
});
addEventListener("afterprint", () => {
  state.printing = false;
  measure();
});
