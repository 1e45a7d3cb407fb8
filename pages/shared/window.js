// The reader's window: tells the page whether it is narrow where the page took it for something else, and writes what stands on every printed page.

const NARROW = matchMedia("(max-width: 819.98px)"); // as in the style sheet
const PAPER = 1054; // px between the margins of an A4 sheet on its side
const LAID_OUT = 1400; // px of a page on such a sheet, before it is made smaller
const PRINT = matchMedia("print"); // a sheet is no window
const state = { narrow: NARROW.matches, printing: false, tell: null, line: "" };

export default function ({ data, setStateValue }) {
  state.narrow = data.narrow;
  state.tell = (narrow) => setStateValue("narrow", narrow);
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
    state.tell(NARROW.matches);
  }
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
