
// Rows. Nothing moves when one is answered: a row that folds puts the next one under a second press.
function answer(row, status) {
  const page = pageOf(row), id = idOf(row), from = answerOf(row).status
  if (passive || from === status || !from && !status) return
  const at = stamp()
  state.rows[id] = { ...answerOf(row), status, ...at }
  if (!status) delete state.rows[id].status
  log("answer", { row: numberOf(row), ...(from && { from }), ...(status && { to: status }) }, at)
  if (ticksOf(page).saved || ticksOf(page).seen) {
    delete state.pages[page.dataset.name]
    log("page-open-again", { page: page.dataset.name })
    $(".after", page).textContent = `Row ${numberOf(row)} changed after SAVE. Press SAVE again, then tick again.`
  }
  delete state.hints[id]
  keep()
  paint()
}

// What is still to be said: "open", a sentence, or nothing where the answer is whole.
function missing(row) {
  const said = answerOf(row), asked = asks(row, said.status)
  if (!said.status) return "open"
  const key = Object.keys(asked).find((key, at) => !(said[key] || "").trim() && !(said.status === "renamed" && at))
  return key ? `Please say: ${asked[key].toLowerCase()}.` : ""
}
const isAsPrinted = row => {
  const said = answerOf(row)
  return said.status === "done" || said.status === "renamed" && !(said.value || "").trim()
}

// Rows of a chain are done in order, each page saved and looked at before the next: where one is not as printed, what follows could
// shut people out, or open more than was planned. Then the answers go home for a new plan.
const builtOn = new Map(rows.map((row, at) =>
  [row, row.dataset.chain ? rows.slice(0, at).filter(other => other.dataset.chain === row.dataset.chain) : []]))
function waits(row) {
  for (const earlier of builtOn.get(row)) {
    const number = numberOf(earlier), same = pageOf(earlier) === pageOf(row)
    if (answerOf(earlier).status && !isAsPrinted(earlier))
      return `Row ${number} is not as printed, and this row builds on it. Leave it: save the answers and take them home for a new plan.`
    if (!same && !answerOf(earlier).status) return `First row ${number}: this row builds on it.`
    if (!same && !ticksOf(pageOf(earlier)).seen) return `First SAVE of the page with row ${number}, open it again, and tick both.`
  }
  return ""
}

// A sheet for many devices: the serial number that was read belongs to another one, or is not all there yet.
function foreign(row) {
  const last = row.dataset.last, read = (answerOf(row).serial_last || "").trim().toUpperCase()
  if (last === undefined || last && read === last.toUpperCase()) return ""
  if (!last) return read.length > 2 ? "" : "short"
  if (read.length < last.length) return "short"
  const other = rows.find(other => other.dataset.last.toUpperCase() === read)
  return `Stop. ${read} is ${other ? fieldOf(other) : "no device of this sheet"}, not ${fieldOf(row)}.`
}

function paintRow(row) {
  const said = answerOf(row), asked = Object.entries(asks(row, said.status)), stranger = foreign(row)
  const locked = passive || pageOf(row).dataset.locked === "yes", wait = locked ? "" : waits(row)
  for (const radio of radiosOf(row)) {
    radio.checked = radio.value === said.status
    radio.disabled = locked || !!stranger || !!wait && !said.status
  }
  const [one, two] = $$(".said", row)
  for (const [at, label] of [one, two].entries()) {
    const [key, words] = asked[at] || []
    label.classList.toggle("asked", !!key)
    if (words) $("span", label).textContent = words
    fill($("input", label), said[key], locked)
  }
  fill($(".initials input", row), said.by, locked)
  const serial = $(".serial input", row)
  if (serial) fill(serial, said.serial_last, locked)
  row.classList.toggle("ok", said.status === "done")
  row.classList.toggle("deviates", asked.length > 0)
  row.classList.toggle("waits", !!wait)
  $("output", row).textContent = said.status ? `${said.by || "?"} ${clockTime(said.at)}` : ""
  $(".back", row).disabled = locked || !said.status
  const need = missing(row)
  $(".need", row).textContent = stranger.length > 5 ? stranger : wait || (need === "open" ? "" : need)
  $(".hint", row).textContent = state.hints[idOf(row)] || ""
}
function fill(input, text, locked) {
  if (input.value !== (text || "")) input.value = text || ""
  input.disabled = locked
}

function paintPage(page) {
  const locked = passive || page.dataset.locked === "yes"
  for (const tick of $$(".save input", page)) {
    tick.checked = !!ticksOf(page)[tick.value]
    tick.disabled = locked
  }
  for (const copy of $$(".copy", page)) copy.disabled = locked
  rowsOf(page).forEach(paintRow)
}

function tickPage(page, tick) {
  const name = page.dataset.name, left = rowsOf(page).filter(row => missing(row) && !waits(row)).map(numberOf)
  const ticks = { ...ticksOf(page) }
  if (tick.checked) ticks[tick.value] = stamp()
  else delete ticks[tick.value]
  state.pages[name] = ticks
  log("page", { page: name, tick: tick.value, on: tick.checked })
  $(".after", page).textContent = tick.checked && left.length ? `Without a full answer on this page: row ${left.join(", ")}.` : ""
  keep()
  paint()
}

async function copy(text, where) {
  let copied = true
  try { await navigator.clipboard.writeText(text) } catch {
    const area = make("textarea", { value: text }), back = document.activeElement
    document.body.append(area)
    area.select()
    copied = document.execCommand("copy")
    area.remove()
    back?.focus()
  }
  say(copied ? `In the clipboard: ${text} (${where})` : `This browser does not copy. Type it: ${text}`)
}

for (const row of rows) {
  const keys = ["a", "b"]
  for (const radio of radiosOf(row)) radio.onchange = () => answer(row, radio.value)
  $(".back", row).onclick = () => { answer(row, undefined); radiosOf(row)[0].focus() }
  for (const button of $$(".copy", row)) button.onclick = () => copy(button.dataset.text, `row ${numberOf(row)}`)
  row.oninput = event => {
    const input = event.target, at = keys.indexOf(input.name[0])
    if (input.type === "radio") return
    const key = at >= 0 ? Object.keys(asks(row, answerOf(row).status))[at] : input.name[0] === "i" ? "by" : "serial_last"
    if (!key) return
    state.rows[idOf(row)] = { ...answerOf(row), [key]: input.value }
    keep()
    paintRow(row)
    totals()
  }
}
for (const page of pages) for (const tick of $$(".save input", page)) tick.onchange = () => tickPage(page, tick)
