
// Before the rows open: the right device, who does it, the clock. Before risky pages: a second way in.
for (const input of before) input.oninput = () => {
  const name = input.dataset.before, isTick = input.type === "checkbox"
  state.before[name] = isTick ? input.checked : input.value
  if (name === "right_time") state.before.right_time_at = Date.now()
  if (isTick) log("before", { name, on: input.checked })
  keep()
  paint()
}
const told = name => clean(state.before[name] ?? "").trim()
const isReason = name => told(name).length >= 10
const isAsked = name => before.some(input => input.dataset.before === name)

// The newest day that this sheet rests on: a clock that shows less is wrong. 14 hours for the zones of the earth.
const isEarly = () => sheet.notBefore && Date.now() < Date.parse(sheet.notBefore) - 14 * 3600e3
const isOver = () => sheet.notAfter && Date.now() > Date.parse(sheet.notAfter)

// A firmware is a row of numbers, the accepted one may be a range: `3.12 to 3.24`.
function fits(firmware) {
  const numbers = text => (/^v?(\d+(\.\d+)*)/i.exec(text.trim())?.[1] || "x").split(".").map(Number)
  const compare = (a, b) => [0, 1, 2, 3].map(at => (a[at] || 0) - (b[at] || 0)).find(Boolean) || 0
  const [least, most = least] = sheet.firmware.split(" to ").map(numbers), read = numbers(firmware)
  return !read.some(Number.isNaN) && compare(read, least) >= 0 && compare(read, most) <= 0
}

// An address as its bits, `null` where it is none.
function bitsOf(text) {
  const eight = n => (+n).toString(2).padStart(8, "0")
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(text))
    return text.split(".").every(n => +n < 256) ? text.split(".").map(eight).join("") : null
  if (!text.includes(":")) return null
  let host
  try { host = new URL(`http://[${text}]/`).hostname.slice(1, -1) } catch { return null }
  const [front, back] = host.split("::").map(half => half.split(":").filter(Boolean))
  const all = back ? [...front, ...Array(8 - front.length - back.length).fill("0"), ...back] : front
  return all.map(group => parseInt(group, 16).toString(2).padStart(16, "0")).join("")
}
function netOf(address) {
  const bits = bitsOf(address)
  return (sheet.allowlist || "").split(" ").filter(Boolean).find(net => {
    const [host, length] = net.split("/"), wanted = bitsOf(host)
    return bits && wanted && bits.length === wanted.length && bits.slice(0, +length) === wanted.slice(0, +length)
  })
}

function gate() {
  const need = [], wants = (holds, what) => holds || need.push(what)
  let stop = ""
  wants(told("name") && told("initials"), "your name and initials")
  wants(told("right_time") || !isEarly() && state.before.clock_right, "the clock")
  if (!FLEET) {
    const serial = told("serial_last").toUpperCase(), whole = sheet.serial.toUpperCase(), last = whole.slice(-4)
    const firmware = told("firmware"), isIt = whole ? serial === last || serial === whole : serial
    if (whole && !isIt && serial.length >= last.length && !whole.startsWith(serial))
      stop = `The serial number of this sheet ends in ${last}, you read ${serial}: another device. `
    else if (sheet.firmware && firmware.length > 2 && !fits(firmware))
      stop = `This sheet is for firmware ${sheet.firmware}, the device shows ${firmware}: pages and names may differ. `
    if (!isReason("differs")) {
      wants(state.before.label, "the label")
      wants(isIt, "the serial number")
      wants(state.before.address || told("address_typed"), "the address")
      wants(firmware, "the firmware")
    }
  }
  if (isOver()) stop += `A waiver that this sheet stands on ended ${sheet.notAfter}. `
  const goesOn = isReason("differs"), shut = need.length > 0 || !!stop && !goesOn
  const differs = $("#differs")
  if (differs) differs.hidden = !stop && !told("differs") && !need.length
  $("#gate").className = stop ? "bad" : shut ? "warn" : "good"
  $("#gate").textContent = stop
    + (!stop ? "" : goesOn ? "You go on all the same; the reason stands in the proof. " : "Stop, or say below why you go on. ")
    + (need.length ? `The rows open when this is filled in: ${need.join(", ")}.` : shut ? "" : "The rows are open.")
  const risky = secondLock()
  for (const page of pages) {
    const isRisky = page.classList.contains("risky"), locked = shut || risky && isRisky
    page.dataset.locked = locked ? "yes" : "no"
    const note = $(".locked", page)
    note.hidden = !locked
    $("a", note).href = shut ? "#begin" : "#risk"
    $("span", note).textContent = shut ? "Locked until “Before you begin” is filled in." : "Locked until “From here on” is filled in."
    paintPage(page)
  }
}

// Whether the risky pages stay shut.
function secondLock() {
  if (!$("#risk")) return false
  const address = told("laptop"), is = bitsOf(address) !== null, net = netOf(address), note = $("#laptop")
  const open = !sheet.allowlist || !!net
  $("#otherway").hidden = !is || open
  note.className = !is ? "warn" : open ? "good" : "bad"
  note.textContent = !is ? "Windows key, type cmd, Enter, type ipconfig: the line IPv4 Address. Or: Settings, Network and Internet, Properties."
    : net ? `On the allowlist of this sheet (${net}): you keep your way in.`
    : open ? "This sheet puts no allowlist in force: any address keeps its way in."
    : "NOT on the allowlist of this sheet: page Allowlist would shut this laptop out."
  return !state.before.second_login || !is || !open && !isReason("other_way")
}

function clock() {
  const note = $("#clock")
  $("#now").textContent = new Date().toLocaleString("sv").slice(0, 16)
  const old = sheet.notBefore && Date.now() > Date.parse(sheet.notBefore) + 90 * 864e5
  note.hidden = !isEarly() && !old
  note.textContent = isEarly() ? "This clock is BEFORE the day this sheet was made from, so it is wrong: enter the right time."
    : "What this sheet rests on is older than 90 days, or the clock is wrong. Is there a newer sheet?"
}
