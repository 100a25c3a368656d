// What this page knows. The same script is in every sheet; what differs is in the HTML, and without the script that
// is a form to print. A module: a browser that is too old for it leaves the form as it is.
const $ = (query, within = document) => within.querySelector(query)
const $$ = (query, within = document) => [...within.querySelectorAll(query)]
const sheet = document.documentElement.dataset
const FORMAT = "fieldlock-answers.v1"
const FLEET = sheet.kind === "fleet"

const rows = $$(".row")
const pages = $$(".page")
const before = $$("[data-before]")
const idOf = row => row.dataset.id
const numberOf = row => +row.dataset.no
const fieldOf = row => $(".field", row).textContent
const pageOf = row => row.closest(".page")
const rowsOf = page => $$(".row", page)
const radiosOf = row => $$("input[type=radio]", row)

// What an answer asks for beside itself: the key in the file and the words on the page. Never the value of a secret.
const ASKS = {
  skipped: { why: "Why skipped" },
  absent: { where: "Where you looked" },
  renamed: { name: "Name on the page", value: "Value, if that differs too" },
  other: { value: "Value that stands there", why: "Why" },
}
const SECRET_ASKS = {
  ...ASKS,
  renamed: { name: "Name on the page" },
  other: { why: "Why another one. Never write the password here" },
}
const STATUSES = ["done", ...Object.keys(ASKS)]
const asks = (row, status) => ("secret" in row.dataset ? SECRET_ASKS : ASKS)[status] || {}

const fresh = () => ({ before: {}, rows: {}, pages: {}, hints: {}, log: [], saves: [], number: 0, seq: 0, savedSeq: 0, last: 0, kept: 0 })
let state = fresh()
let passive = true // until storage is read, and while another window works: nothing that is pressed counts
const answerOf = row => state.rows[idOf(row)] || {}
const ticksOf = page => state.pages[page.dataset.name] || {}

// Texts from people and files: short, on one line, whole characters only. Whoever reads the file refuses all else.
const clean = (text, most = 200) => {
  const line = String(text).replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, " ")
  return [...line].slice(0, most).map(c => (c.length === 1 && c >= "\ud800" && c <= "\udfff" ? "?" : c)).join("")
}

const make = (tag, set = {}, ...children) => {
  const made = Object.assign(document.createElement(tag), set)
  made.append(...children)
  return made
}
const say = text => { $("#say").textContent = text }
const tell = (kind, text) => $("#told").append(make("p", { className: kind, textContent: text }))

// Clocks of laptops are wrong, so each entry has a number that orders it too.
const iso = time => new Date(time).toISOString().slice(0, 19) + "Z"
const clockTime = at => new Date(at).toTimeString().slice(0, 5)
function stamp() {
  const now = Date.now(), back = state.last - now
  state.last = now
  if (back > 60000)
    state.log.push({ seq: ++state.seq, at: iso(now), what: "clock-went-back", seconds: Math.round(back / 1000) })
  return { seq: ++state.seq, at: iso(now), by: clean(state.before.initials || "", 4) }
}
const log = (what, more = {}, at = stamp()) => state.log.push({ ...at, what, ...more })
const unsaved = () => state.log.filter(entry => entry.what === "answer" && entry.seq > state.savedSeq).length
