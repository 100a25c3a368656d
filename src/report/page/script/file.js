
// The file: what comes home. Its name holds the digest of its bytes, so that paper signed by hand fits one file.
async function sha256(text) {
  try {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))
    return [...new Uint8Array(digest)].map(byte => byte.toString(16).padStart(2, "0")).join("")
  } catch { return "" }
}
const filled = entries => Object.fromEntries(entries.filter(([, value]) => value !== "" && value !== undefined))

function fileRow(row) {
  const said = answerOf(row), own = [...Object.keys(asks(row, said.status)), ...(FLEET ? ["serial_last"] : [])]
  return {
    no: numberOf(row), id: idOf(row), field: clean(fieldOf(row)), status: said.status,
    ...filled(own.map(key => [key, clean(said[key] || "").trim()])),
    ...filled([["by", clean(said.by || "", 4)]]), at: said.at, seq: said.seq,
  }
}
async function makeFile() {
  const told = state.before, number = state.number + 1
  const entry = entry => Object.fromEntries(Object.entries(entry).filter(([key, value]) => key !== "by" || value))
  const text = JSON.stringify({
    format: FORMAT,
    sheet: {
      kind: sheet.kind, site: sheet.site, device: sheet.device, serial: sheet.serial || "", revision: +sheet.revision,
      review: sheet.review || "", sheet: sheet.sheet, tool: sheet.tool, demo: sheet.demo === "yes",
    },
    save: { number, at: iso(Date.now()), previous: state.saves.at(-1)?.sha256 || "" },
    clock: {
      zone_min: -new Date().getTimezoneOffset() || 0,
      offset_s: told.right_time ? Math.round((Date.parse(told.right_time) - told.right_time_at) / 1000) || 0 : 0,
    },
    before: Object.fromEntries(before.map(input => {
      const value = told[input.dataset.before]
      return [input.dataset.before, input.type === "checkbox" ? value === true : clean(value ?? "").trim()]
    })),
    pages: pages.filter(page => $(".save", page)).map(page => ({ page: page.dataset.name, ...ticksOf(page) })),
    rows: rows.filter(row => answerOf(row).status).map(fileRow),
    log: state.log.map(entry),
  }, null, 1) + "\n"
  const digest = await sha256(text), short = digest.slice(0, 12) || "nodigest"
  return { text, digest, name: `${sheet.device}-r${sheet.revision}-${sheet.sheet.slice(0, 12)}-answers-${number}-${short}.json` }
}
async function save() {
  const upTo = state.seq, file = await makeFile()
  const href = URL.createObjectURL(new Blob([file.text], { type: "application/json" }))
  make("a", { href, download: file.name }).click()
  setTimeout(() => URL.revokeObjectURL(href), 60000)
  state.saves.push({ name: file.name, sha256: file.digest, at: iso(Date.now()) })
  state.number += 1
  state.savedSeq = upTo
  keep()
  totals()
  say(`Saved as ${file.name}: look in Downloads, copy it to the stick. Not there? Press “Show as text”.`)
}

// A file is text from outside: looked at, cut, never markup. It fills gaps and never overwrites an answer.
const object = value => (value && typeof value === "object" && !Array.isArray(value) ? value : {})
const list = value => (Array.isArray(value) ? value.map(object) : [])
const text = (value, most) => (typeof value === "string" ? clean(value, most) : "")
const count = value => (Number.isSafeInteger(value) && value >= 0 ? value : 0)
const moment = value => (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(value) ? value : iso(0))
const stampOf = from => ({ seq: count(from.seq), at: moment(from.at), by: text(from.by, 4) })

async function load(content, name) {
  let file
  const refuse = why => tell("bad", `${name} ${why} Nothing was loaded.`)
  $("#told").replaceChildren()
  try { file = object(JSON.parse(content)) } catch { return refuse("is damaged, or is no answers file.") }
  const of = object(file.sheet)
  if (file.format !== FORMAT) return refuse(`is no file of answers (${FORMAT}).`)
  if (of.site !== sheet.site || of.device !== sheet.device || text(of.serial) !== (sheet.serial || ""))
    return refuse(`holds the answers for ${text(of.device)}, serial ${text(of.serial)}, site ${text(of.site)}. This sheet is for ${sheet.device}, serial ${sheet.serial || "unknown"}.`)
  if (of.sheet !== sheet.sheet) return loadHints(file, name)
  const isFirst = !state.log.some(entry => entry.what === "answer"), differ = []
  let taken = 0
  for (const one of list(file.rows)) {
    const row = rows.find(row => idOf(row) === one.id), mine = row && answerOf(row)
    if (!row || !STATUSES.includes(one.status)) continue
    const words = [...Object.keys(asks(row, one.status)), "serial_last"]
    if (mine.status) {
      if (mine.status !== one.status || words.some(key => (mine[key] || "").trim() !== text(one[key]))) differ.push(numberOf(row))
      continue
    }
    state.rows[idOf(row)] = { status: one.status, ...stampOf(one), ...filled(words.map(key => [key, text(one[key])])) }
    taken += 1
  }
  if (isFirst) takeOver(file, name, await sha256(content))
  log("loaded", { file: clean(name), rows: taken })
  keep()
  paint()
  tell(differ.length ? "warn" : "note", `${taken} answers loaded from ${name}.`
    + (differ.length ? ` Row ${differ.join(", ")}: the file says otherwise; what stood here was kept. Look at the device.` : ""))
}
// The rest of a file, on a sheet that nobody worked with yet: the chain of files goes on.
function takeOver(file, name, digest) {
  const told = object(file.before)
  for (const input of before) {
    const key = input.dataset.before
    state.before[key] ||= input.type === "checkbox" ? told[key] === true : text(told[key])
  }
  const offset = object(file.clock).offset_s
  state.before.right_time_at = Date.parse(state.before.right_time) - (Number.isSafeInteger(offset) ? offset : 0) * 1000
  for (const page of pages) {
    const from = list(file.pages).find(one => one.page === page.dataset.name) || {}
    state.pages[page.dataset.name] = Object.fromEntries(["saved", "seen"].filter(tick => from[tick]).map(tick => [tick, stampOf(object(from[tick]))]))
  }
  const opened = state.log
  state.log = list(file.log).slice(0, 19000).filter(entry => typeof entry.what === "string")
  state.seq = Math.max(0, ...state.log.map(entry => count(entry.seq)), ...Object.values(state.rows).map(row => count(row.seq)))
  state.log.push(...opened.map(entry => ({ ...entry, seq: ++state.seq })))
  state.savedSeq = state.seq
  state.number = count(object(file.save).number)
  state.saves = [{ name, sha256: digest, at: text(object(file.save).at, 20) }]
}
function loadHints(file, name) {
  let taken = 0
  for (const one of list(file.rows)) {
    const row = rows.find(row => idOf(row) === one.id)
    if (!row || answerOf(row).status || !STATUSES.includes(one.status)) continue
    state.hints[idOf(row)] = `Revision ${count(object(file.sheet).revision)} asked the same here: ${one.status}, ${text(one.by, 4)} ${text(one.at, 10)}. Look again and answer.`
    taken += 1
  }
  keep()
  paint()
  tell("warn", `${name} belongs to another sheet of ${sheet.device} (revision ${count(object(file.sheet).revision)}). Its answers were NOT taken over; ${taken} rows that ask the same show them as a hint. Take that file home as it is.`)
}

$("#save").onclick = $("#save-too").onclick = save
$("#print").onclick = () => print()
$("#as-text").onclick = async () => {
  const file = await makeFile(), area = $("#text")
  area.hidden = false
  area.value = file.text
  area.focus()
  area.select()
  say(`Copy this into Notepad, save it as ${file.name}`)
}
$("#load").onclick = () => $("#file").click()
$("#file").onchange = async event => {
  const file = event.target.files[0]
  if (file?.size <= 2e6) await load(await file.text(), clean(file.name))
  else if (file) { $("#told").replaceChildren(); tell("bad", `${clean(file.name)} is too big for an answers file. Nothing was loaded.`) }
  event.target.value = ""
  $("#told").scrollIntoView({ block: "center" })
}
let askedAt = 0
$("#forget").onclick = event => {
  const isSure = Date.now() - askedAt < 8000
  askedAt = isSure ? 0 : Date.now()
  event.target.textContent = isSure ? "Forget in this browser" : `${unsaved() || "No"} answers are in no file. Press again to forget`
  if (!isSure) return
  store?.removeItem(KEY)
  onDisk(disk => disk.delete(KEY))
  state = { ...fresh(), kept: state.kept }
  paint()
  say("This browser holds nothing of this sheet any more.")
}
