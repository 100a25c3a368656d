
// Totals: how far it is, what is left, what is not as printed.
function totals() {
  const isSaved = page => $$(".save input", page).every(tick => tick.checked)
  const waiting = rows.filter(row => !answerOf(row).status && waits(row) && pageOf(row).dataset.locked !== "yes" && /Leave it/.test(waits(row)))
  const left = rows.filter(row => missing(row) && !waiting.includes(row)), whole = rows.length - left.length - waiting.length
  const deviating = rows.filter(row => ASKS[answerOf(row).status])
  const lost = pages.filter(page => !isSaved(page) && rowsOf(page).some(row => answerOf(row).status === "done"))
  const numbers = some => some.slice(0, 10).map(numberOf).join(", ") + (some.length > 10 ? " …" : "")
  $("progress").value = whole
  $("#progress").textContent = `${whole} of ${rows.length} ${FLEET ? "devices" : "rows"}`
    + ($(".save") ? `, ${pages.filter(isSaved).length} of ${pages.length} pages saved` : "")
    + (unsaved() ? `, ${unsaved()} not in a file` : "") + (store ? "" : ", NOTHING is kept")
  for (const link of $$(".nav a")) {
    const page = $(link.hash), all = rowsOf(page), done = all.filter(row => !missing(row)).length
    if (all.length) $("b", link).textContent = done === all.length && isSaved(page) ? "✓" : `${done}/${all.length}`
  }
  const item = row => make("li", {}, make("a", { href: `#${row.id}`, textContent: `Row ${numberOf(row)}` }),
    ` ${fieldOf(row)}: ${$("input:checked", row)?.nextElementSibling.textContent || ""}. `
    + Object.keys(asks(row, answerOf(row).status)).map(key => answerOf(row)[key]).filter(Boolean).join(", "))
  $("#left").replaceChildren(
    make("p", { className: left.length || lost.length || waiting.length ? "warn" : "good", textContent:
      (left.length ? `${left.length} without a full answer: row ${numbers(left)}. ` : `Every row that can be done has an answer, ${deviating.length} not as printed. `)
      + (waiting.length ? `${waiting.length} wait for a new plan: row ${numbers(waiting)}. ` : "")
      + (lost.length ? `Typed, but not ticked as saved and looked at again, so the device may have lost it: ${lost.map(page => page.dataset.name).join("; ")}.` : "") }),
    make("ul", {}, ...deviating.map(item)),
    ...state.saves.slice(-2).map(file => make("p", {}, "Saved: ", make("code", { textContent: file.name }), ` at ${clockTime(file.at)}, SHA-256 `, make("code", { textContent: file.sha256.slice(0, 12) || "unknown" }))))
}
function paint() {
  for (const input of before) {
    const value = state.before[input.dataset.before]
    if (input.type === "checkbox") input.checked = !!value
    else if (input.value !== (value || "")) input.value = value || ""
    input.disabled = passive
  }
  gate()
  totals()
  $("#kept").className = store ? "good" : "bad"
  $("#kept").textContent = store ? "Progress is kept in this browser on this laptop. The proof is the file: save answers before you leave."
    : "This browser keeps NOTHING (a private window, or a policy). Save answers after every page; Load answers brings them back."
}

// Keys: only while a row has the focus, never in a text field. Arrows move; a browser would change the answer.
const next = (row, by) => rows[rows.indexOf(row) + by]
function focusRow(row) {
  const first = row && ($(".serial input:enabled", row) || $(".copy:enabled", row) || radiosOf(row).find(radio => radio.checked) || radiosOf(row).find(radio => !radio.disabled))
  if (!row) return
  if (first) first.focus()
  else { row.tabIndex = -1; row.focus() }
  row.scrollIntoView({ block: "nearest" })
}
function onward(row) {
  const other = next(row, 1), tick = $(".save input", pageOf(row))
  if (tick && (!other || pageOf(other) !== pageOf(row))) tick.focus()
  else if (other) focusRow(other)
  else $("#save-too").focus()
}
function inText(event, row) {
  if (event.key !== "Enter") return
  event.preventDefault()
  const open = $$(".said.asked input", row).find(input => !input.value)
  if (event.target.closest(".serial")) (radiosOf(row).find(radio => !radio.disabled) || event.target).focus()
  else if (missing(row) && open) open.focus()
  else onward(row)
}
function onKey(event) {
  const target = event.target, row = target.closest?.(".row"), key = event.key.toLowerCase(), isRadio = target.type === "radio"
  if ((event.ctrlKey || event.metaKey) && key === "s") { event.preventDefault(); return save() }
  if (key === "escape") $(".nav").open = false
  if (!row || event.ctrlKey || event.altKey || event.metaKey) return
  if (target.matches("input:not([type=radio])")) return inText(event, row)
  if (key === "arrowdown" || key === "arrowup") {
    event.preventDefault()
    return focusRow(next(row, key === "arrowup" ? -1 : 1))
  }
  if (isRadio && (key === "arrowleft" || key === "arrowright")) {
    event.preventDefault()
    const radios = radiosOf(row)
    return radios[radios.indexOf(target) + (key === "arrowleft" ? -1 : 1)]?.focus()
  }
  if (isRadio && key === "enter") return target.click()
  if (!$("#keys").checked) return
  const status = STATUSES["12345".indexOf(key)]
  if (key === "c") $(".copy", row)?.click()
  else if (key === "n") focusRow(rows.slice(rows.indexOf(row) + 1).find(missing) || rows.find(missing))
  else if (key === "0") answer(row, undefined)
  else if (status) {
    event.preventDefault()
    if (radiosOf(row).find(radio => radio.value === status).disabled) return say("This row is locked.")
    answer(row, status)
    if (status === "done") onward(row)
    else $(".said.asked input", row).focus()
  }
}
document.addEventListener("keydown", onKey)
document.addEventListener("focusin", event => {
  const row = event.target.closest(".row")
  if (row) for (const other of rows) other.classList.toggle("current", other === row)
})
for (const link of $$(".nav a")) link.onclick = () => { $(".nav").open = false }
for (const button of $$("[data-copy]")) button.onclick = () => copy(button.dataset.copy, button.dataset.what)
addEventListener("beforeprint", () => { for (const input of $$("input")) input.disabled = false })
addEventListener("afterprint", paint)
new ResizeObserver(() => {
  document.documentElement.style.scrollPaddingTop = `${$(".bar").offsetHeight + 8}px`
}).observe($(".bar"))

const reading = openStore()
paint()
clock()
setInterval(clock, 20000)
document.documentElement.classList.add("js")
await reading
passive = !$("#elsewhere").hidden
if (!passive) log("opened", { browser: clean(navigator.userAgent.slice(-40)) })
keep()
paint()
