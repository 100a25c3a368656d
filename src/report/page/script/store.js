
// Keeping. The file is the proof; until there is one, this browser keeps what was answered: IndexedDB writes to disk at
// once ("strict"), so that a power cut loses nothing, and localStorage is there where that is not. All local pages of
// Chromium share one storage, so its keys name the sheet. The window that was opened last works, others only show.
const SHEET = [FORMAT, sheet.site, sheet.device].join(" ") + " "
const KEY = SHEET + sheet.sheet.slice(0, 12)
const OWNER = KEY + " owner"
const WINDOW = Math.random().toString(36).slice(2)
let store = null
let database = null

const whenDone = (request, otherwise) => new Promise(done => {
  request.onsuccess = () => done(request.result)
  request.onerror = () => done(otherwise)
})
function openDatabase() {
  try {
    const opening = indexedDB.open(FORMAT, 1)
    opening.onupgradeneeded = () => opening.result.createObjectStore("sheets")
    return whenDone(opening, null)
  } catch { return Promise.resolve(null) }
}
function onDisk(act) {
  try {
    return whenDone(act(database.transaction("sheets", "readwrite", { durability: "strict" }).objectStore("sheets")))
  } catch { return Promise.resolve() }
}

async function openStore() {
  try {
    localStorage.setItem(OWNER, WINDOW)
    if (localStorage.getItem(OWNER) === WINDOW) store = localStorage
  } catch { /* blocked by a policy: said below */ }
  if (!store) return
  database = await openDatabase()
  await readStore()
  const others = Object.keys(store).filter(key => key.startsWith(SHEET) && !key.startsWith(KEY) && /^[0-9a-f]{12}$/.test(key.slice(SHEET.length)))
  for (const key of others)
    tell("warn", `This browser also holds answers for another sheet of ${sheet.device} (${key.slice(SHEET.length)}). Open that one and save its answers.`)
}
async function readStore() {
  for (const kept of [store.getItem(KEY), await onDisk(disk => disk.get(KEY))]) {
    if (!kept) continue
    try {
      const known = JSON.parse(kept)
      // a reload may cut off what was on its way to the disk: what was kept last counts, wherever it stands
      if ((known.kept || 0) >= state.kept) state = { ...fresh(), ...known }
    } catch {
      tell("bad", "What this browser kept of this sheet is damaged. Load your last file.")
    }
  }
}
function keep() {
  if (!store || passive) return
  if (store.getItem(OWNER) !== WINDOW) return stepBack()
  state.kept += 1
  const text = JSON.stringify(state)
  onDisk(disk => disk.put(text, KEY))
  try { store.setItem(KEY, text) } catch {
    if (!database) { store = null; paint() }
  }
}
function stepBack() {
  passive = true
  $("#elsewhere").hidden = false
  paint()
}
addEventListener("storage", event => {
  if (event.key === OWNER && event.newValue && event.newValue !== WINDOW) stepBack()
})
$("#here").onclick = async () => {
  store.setItem(OWNER, WINDOW)
  await readStore()
  passive = false
  $("#elsewhere").hidden = true
  log("took-over")
  keep()
  paint()
}
addEventListener("beforeunload", event => { if (!store && unsaved()) event.preventDefault() })
